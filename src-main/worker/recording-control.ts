/** Lets one who follows a recording pause it, let it go on, or stop it between two steps. */
export class RecordingControl {
  private readonly stopping = new AbortController();
  private gate: Promise<void> = Promise.resolve();
  private open: (() => void) | null = null;

  /** Aborts when the recording is to commit and end. */
  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  get paused(): boolean {
    return this.open !== null;
  }

  pause(): void {
    if (this.open) return;
    this.gate = new Promise((resolve) => {
      this.open = resolve;
    });
  }

  resume(): void {
    this.open?.();
    this.open = null;
  }

  stop(): void {
    this.stopping.abort();
    this.resume();
  }

  /** Resolves at once, or when a paused recording may go on. */
  admission(): Promise<void> {
    return this.gate;
  }
}
