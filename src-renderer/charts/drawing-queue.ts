/**
 * Figures drawn one after another, each in a task of its own, so that a page of many is there at once
 * and takes keys and clicks while they come in. A message makes the next task: timers are slowed down
 * in a window that is printed without being shown.
 */
class DrawingQueue {
  readonly #waiting = new Set<() => void>();
  readonly #next = new MessageChannel();
  #empty: (() => void)[] = [];

  constructor() {
    this.#next.port1.onmessage = () => this.#drawOne();
  }

  /** Draws when it is its turn; the function that comes back takes it out of the queue. */
  add(draw: () => void): () => void {
    this.#waiting.add(draw);
    if (this.#waiting.size === 1) this.#next.port2.postMessage(null);
    return () => void this.#waiting.delete(draw);
  }

  /** Settles when nothing waits to be drawn. */
  async drained(): Promise<void> {
    if (this.#waiting.size > 0) await new Promise<void>((resolve) => this.#empty.push(resolve));
  }

  #drawOne(): void {
    const [draw] = this.#waiting;
    try {
      draw?.();
    } finally {
      if (draw) this.#waiting.delete(draw);
      if (this.#waiting.size > 0) this.#next.port2.postMessage(null);
      else for (const settle of this.#empty.splice(0)) settle();
    }
  }
}

export const drawingQueue = new DrawingQueue();
