import { typefaceReady } from './typeface';

/**
 * Figures drawn one after another, each in a task of its own, so that a view of many is there at once
 * and takes keys and clicks while they come in.
 */
class DrawingQueue {
  readonly #waiting = new Set<() => void>();
  #empty: (() => void)[] = [];
  #drawing = false;

  /** Draws when it is its turn; the function that comes back takes it out of the queue. */
  add(draw: () => void): () => void {
    this.#waiting.add(draw);
    if (!this.#drawing) void this.#drawAll();
    return () => void this.#waiting.delete(draw);
  }

  /** Settles when nothing waits to be drawn. */
  async drained(): Promise<void> {
    if (this.#drawing) await new Promise<void>((resolve) => this.#empty.push(resolve));
  }

  async #drawAll(): Promise<void> {
    this.#drawing = true;
    await typefaceReady;
    for (const draw of this.#waiting) {
      // Behind the page's own frames and inputs; unlike timers not slowed down where nothing is shown.
      const task = () => this.#waiting.delete(draw) && draw();
      await scheduler.postTask(task, { priority: 'background' }).catch(reportError);
    }
    this.#drawing = false;
    for (const settle of this.#empty.splice(0)) settle();
  }
}

export const drawingQueue = new DrawingQueue();
