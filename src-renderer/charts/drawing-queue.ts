import { typefaceReady } from './typeface';

/** What is looked at, and what all else is laid out around, comes before what is out of sight. */
type Turn = 'soon' | 'later';

/**
 * Figures drawn one after another, each in a task of its own, so that a view of many is there at once
 * and takes keys and clicks while they come in.
 */
class DrawingQueue {
  readonly #waiting = { soon: new Set<() => void>(), later: new Set<() => void>() };
  #empty: (() => void)[] = [];
  #drawing = false;

  /** Draws when it is its turn; the function that comes back takes it out of the queue. */
  add(draw: () => void, turn: Turn = 'later'): () => void {
    this.#waiting[turn].add(draw);
    if (!this.#drawing) void this.#drawAll();
    return () => void this.#waiting[turn].delete(draw);
  }

  /** Settles when nothing waits to be drawn. */
  async drained(): Promise<void> {
    if (this.#drawing) await new Promise<void>((resolve) => this.#empty.push(resolve));
  }

  async #drawAll(): Promise<void> {
    this.#drawing = true;
    await Promise.all([typefaceReady, viewShown()]);
    while (this.#waiting.soon.size + this.#waiting.later.size > 0) {
      // Behind the page's own frames and inputs; unlike timers not slowed down where nothing is shown.
      await scheduler
        .postTask(() => this.#drawNext(), { priority: 'background' })
        .catch(reportError);
    }
    this.#drawing = false;
    for (const settle of this.#empty.splice(0)) settle();
  }

  #drawNext(): void {
    const { soon, later } = this.#waiting;
    const waiting = soon.size > 0 ? soon : later;
    const [draw] = waiting;
    if (!draw) return;
    waiting.delete(draw);
    draw();
  }
}

/** A page that is not shown gets no frames. */
const longestFrames = 100;

/** Settles when the view that figures are to come into is on the screen itself. */
async function viewShown(): Promise<void> {
  const frame = () => new Promise(requestAnimationFrame);
  const late = new Promise((resolve) => setTimeout(resolve, longestFrames));
  // The second one comes when the first is drawn.
  await Promise.race([frame().then(frame), late]);
}

export const drawingQueue = new DrawingQueue();
