import { setImmediate } from 'node:timers/promises';
import type { ImportProgress, JobContext } from '../../../src-shared/contract/progress';
import { throwIfCancelled } from '../../../src-shared/errors';

/** Milliseconds between two progress messages, and between two looks at what else has come in. */
const interval = 100;

/** Counts what has been read or written, tells it now and then, and ends cancelled work. */
export class ReadingProgress {
  readonly #context: JobContext;
  readonly #counted: Pick<ImportProgress, 'state' | 'unit' | 'total'>;
  #done = 0;
  #told = Number.NEGATIVE_INFINITY;

  constructor(context: JobContext, unit: string, total: number | null, state?: 'writing') {
    this.#context = context;
    this.#counted = { state: state ?? 'reading', unit, total };
  }

  /** @throws `cancelled` */
  count(more: number): void {
    throwIfCancelled(this.#context.signal, 'data');
    this.#done += more;
    const now = performance.now();
    if (now - this.#told < interval) return;
    this.#told = now;
    this.#context.onProgress({ kind: 'import', ...this.#counted, done: this.#done });
  }

  /** The same, letting other work in between: for loops that wait for nothing else. */
  async advance(more: number): Promise<void> {
    const due = performance.now() - this.#told >= interval;
    if (due) await setImmediate();
    this.count(more);
  }
}
