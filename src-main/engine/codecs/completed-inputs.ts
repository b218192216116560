import type { RecordSource, ScanQuery, StepExamples, StoredPart } from '../records';
import { KeptRows } from './kept-rows';

/**
 * Reads layers whose rows of X are stored once as if each step held its X. The rows of steps before those
 * asked for are read first, and stay for what is asked for next.
 */
export class CompletedInputs {
  readonly #kept: ReadonlyMap<string, KeptRows>;
  #taken: readonly StepExamples[] | null = null;
  /** The first step whose rows have not been taken. */
  #next = 0;

  /** @param layers that are going to be asked for */
  constructor(
    private readonly source: Pick<RecordSource, 'scan' | 'storage' | 'allExamples'>,
    layers: readonly string[],
  ) {
    const once = layers.filter((name) => holdsRows(source, name));
    this.#kept = new Map(once.map((name) => [name, new KeptRows()]));
  }

  /** As the source's own `scan`, `inputs` in place of `rows`, right before the `deltas` of their step. */
  async *scan(query: ScanQuery): AsyncGenerator<readonly StoredPart[]> {
    const asked = query.layers.some((name) => this.#kept.has(name));
    if (!asked || !query.parts.includes('rows')) {
      yield* this.source.scan(query);
      return;
    }
    const { from = 0, signal } = query;
    if (this.#next < from) {
      const layers = [...this.#kept.keys()];
      const stop = signal ? { signal } : {};
      const earlier = { layers, parts: ['rows'] as const, from: this.#next, to: from, ...stop };
      for await (const parts of this.source.scan(earlier)) {
        for (const part of parts) this.take(part);
      }
      this.#next = from;
    }
    for await (const parts of this.source.scan(query)) {
      yield parts.flatMap((part) => this.take(part));
    }
  }

  /** What a part of the trace becomes, steps ascending. */
  take(part: StoredPart): readonly StoredPart[] {
    const kept = this.#kept.get(part.layer);
    if (!kept || (part.part !== 'rows' && part.part !== 'deltas')) return [part];
    const taken = this.#examplesOf(part.step);
    if (part.part === 'deltas') return [kept.inputsOf(part, taken), part];
    kept.take(part, taken);
    return [];
  }

  #examplesOf(step: number): StepExamples {
    this.#taken ??= [...this.source.allExamples()];
    return this.#taken[step] as StepExamples;
  }
}

/** Whether a layer's rows of X are stored once. */
export function holdsRows({ storage }: Pick<RecordSource, 'storage'>, layer: string): boolean {
  return storage.get(layer)?.parts.some(({ part }) => part === 'rows') ?? false;
}
