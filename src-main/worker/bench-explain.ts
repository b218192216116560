import { throwIfCancelled } from '../../src-shared/errors';
import { type ExplainOptions, explain } from '../engine/explanation/explain';
import { readStored } from '../trace/read-stored';
import { median } from './bench-record';
import { openRun } from './open-run';

export interface ExplainBench {
  readonly traceBytes: number;
  /** Median seconds to read the stored bytes and nothing else. */
  readonly readSeconds: number;
  /** γ of every layer. */
  readonly gammaSeconds: number;
  /** γ and ‖Δ f‖, hence cos, of every layer. */
  readonly cosSeconds: number;
  readonly gammaOverRead: number;
  /** γ of all queries together, by query. */
  readonly perQuerySeconds: number;
}

const rounds = 5;

/** Times reading the trace alone and explaining from it, in turns, after one turn unmeasured. */
export async function benchExplain(
  folder: string,
  queries: number,
  signal: AbortSignal,
): Promise<ExplainBench> {
  const run = await openRun(folder);
  try {
    const { test } = run.reader.description.data.examples;
    const ask = (norms: boolean, count: number): ExplainOptions => ({
      examples: Array.from({ length: count }, (_, i) => ({ split: 'test', index: i % test })),
      layers: null,
      target: { kind: 'representation' },
      unit: 'credit',
      exampleSplit: 'equal',
      top: 10,
      norms,
      signal,
    });
    const kinds = {
      read: () => readStored(folder),
      gamma: () => explain(run.explainable, ask(false, 1)),
      cos: () => explain(run.explainable, ask(true, 1)),
      batch: () => explain(run.explainable, ask(false, queries)),
    };
    const times = { read: [], gamma: [], cos: [], batch: [] } as Record<
      keyof typeof kinds,
      number[]
    >;
    let traceBytes = 0;
    for (let round = 0; round <= rounds; round++) {
      for (const [kind, work] of Object.entries(kinds) as [
        keyof typeof kinds,
        () => Promise<unknown>,
      ][]) {
        throwIfCancelled(signal, 'worker');
        const start = performance.now();
        const result = await work();
        if (kind === 'read') traceBytes = result as number;
        if (round > 0) times[kind].push((performance.now() - start) / 1000);
      }
    }
    const readSeconds = median(times.read);
    const gammaSeconds = median(times.gamma);
    return {
      traceBytes,
      readSeconds,
      gammaSeconds,
      cosSeconds: median(times.cos),
      gammaOverRead: gammaSeconds / readSeconds,
      perQuerySeconds: median(times.batch) / queries,
    };
  } finally {
    run.close();
  }
}
