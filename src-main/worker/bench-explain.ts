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
  /** The same of one layer, the one that takes longest. */
  readonly cosOneLayerSeconds: number;
  readonly cosOneLayer: string;
  readonly gammaOverRead: number;
  readonly queries: number;
  /** γ of all queries together, by query. */
  readonly perQuerySeconds: number;
  /** What one query more costs, in γ alone: (queries · perQuery − γ) / (queries − 1) / γ. */
  readonly marginalOverGamma: number;
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
    const ask = (norms: boolean, count: number, layer: string | null): ExplainOptions => ({
      examples: Array.from({ length: count }, (_, i) => ({ split: 'test', index: i % test })),
      layers: layer === null ? null : [layer],
      target: { kind: 'representation' },
      unit: 'credit',
      exampleSplit: 'equal',
      top: 10,
      norms,
      signal,
    });
    const seconds = async (work: () => Promise<unknown>): Promise<number> => {
      throwIfCancelled(signal, 'worker');
      const start = performance.now();
      await work();
      return (performance.now() - start) / 1000;
    };
    const traceBytes = await readStored(folder);
    const cosOf = (layer: string | null) => () => explain(run.explainable, ask(true, 1, layer));
    // What is slow the first time only must not make a layer the dearest.
    await cosOf(null)();
    const dearest = { layer: '', seconds: 0 };
    for (const { name } of run.reader.layers) {
      const took = await seconds(cosOf(name));
      if (took > dearest.seconds) Object.assign(dearest, { layer: name, seconds: took });
    }
    const kinds = {
      read: () => readStored(folder),
      gamma: () => explain(run.explainable, ask(false, 1, null)),
      cos: cosOf(null),
      oneLayer: cosOf(dearest.layer),
      batch: () => explain(run.explainable, ask(false, queries, null)),
    };
    const names = Object.keys(kinds) as (keyof typeof kinds)[];
    const times = new Map(names.map((kind) => [kind, [] as number[]]));
    for (let round = 0; round <= rounds; round++) {
      for (const kind of names) {
        const took = await seconds(kinds[kind]);
        if (round > 0) times.get(kind)?.push(took);
      }
    }
    const typical = (kind: keyof typeof kinds): number => median(times.get(kind) ?? []);
    const [readSeconds, gammaSeconds, batchSeconds] = (['read', 'gamma', 'batch'] as const).map(
      typical,
    ) as [number, number, number];
    return {
      traceBytes,
      readSeconds,
      gammaSeconds,
      cosSeconds: typical('cos'),
      cosOneLayerSeconds: typical('oneLayer'),
      cosOneLayer: dearest.layer,
      gammaOverRead: gammaSeconds / readSeconds,
      queries,
      perQuerySeconds: batchSeconds / queries,
      marginalOverGamma: (batchSeconds - gammaSeconds) / Math.max(1, queries - 1) / gammaSeconds,
    };
  } finally {
    run.close();
  }
}
