import { Random } from '../../../src-shared/random';
import type { Score, Scorecard } from '../../../src-shared/scorecard';
import { bootstrap } from '../../../src-shared/statistics';
import { weightedAuc, weightedRanks } from '../uniformity/weighted-auc';
import { influences } from './influences';
import {
  allIndices,
  bestBut,
  logitsOf,
  lossOf,
  type SmallData,
  smallRun,
  subset,
} from './small-run';
import { hiddenLayers, type SmallTraining } from './task';
import { gradientProducts } from './tracin';

/** Share of the training examples whose label is changed. */
const changedShare = 0.1;

/**
 * Finds examples whose label was changed before a training: each score ranks the training examples,
 * the likelier mislabelled first. By γ: what the example's own rows put into the margin of the label
 * it was given over the next best class (self-influence); by TracIn: ‖∇ℓ‖² at the final weights.
 */
export async function findMislabelled(
  data: SmallData,
  training: SmallTraining,
  seed: number,
  signal: AbortSignal,
): Promise<Scorecard['mislabelled']> {
  const random = Random.seeded(seed, 'labels');
  const count = data.train.count;
  const changed = new Set(
    random.shuffle(allIndices(data.train)).slice(0, Math.round(changedShare * count)),
  );
  const labels = data.train.labels.map((label, index) =>
    changed.has(index) ? (label + 1 + random.integer(data.classes - 1)) % data.classes : label,
  );
  const train = subset(data.train, allIndices(data.train), labels);
  const run = await smallRun(
    { ...data, train },
    hiddenLayers(data.classes),
    { ...training, epochs: 10, seed },
    signal,
  );
  try {
    const all = Array.from(allIndices(train), (index) => ({ split: 'train', index }) as const);
    const logits = logitsOf(run.network, train, allIndices(train));
    const label = (i: number): number => labels[i] as number;
    const margins = await influences(run, all, 'margin', signal);
    const shares = await influences(run, all, 'representation', signal);
    const products = await gradientProducts(run.network, train, train, signal);
    const scores: readonly [string, (i: number) => number][] = [
      ['γ of itself, margin', (i) => margins[i]?.[i] ?? 0],
      ['γ of itself, share of the representation', (i) => shares[i]?.[i] ?? 0],
      ['TracIn of itself', (i) => products[i]?.[i] ?? 0],
      ['final loss', (i) => lossOf(logits[i] as Float32Array, label(i))],
      [
        'final margin, negative',
        (i) => {
          const row = logits[i] as Float32Array;
          return (row[bestBut(row, label(i))] as number) - (row[label(i)] as number);
        },
      ],
      ['random', () => random.uniform()],
    ];
    return {
      examples: count,
      changed: changed.size,
      scores: scores.map(([name, score]) => scored(name, score, count, changed, seed)),
    };
  } finally {
    run.dispose();
  }
}

function scored(
  name: string,
  score: (i: number) => number,
  count: number,
  changed: ReadonlySet<number>,
  seed: number,
): Score {
  const items = Array.from({ length: count }, (_, i) => ({
    value: score(i),
    positive: changed.has(i),
  }));
  const auc = (list: typeof items): number =>
    weightedAuc(
      weightedRanks(
        list.map(({ value }) => value),
        list.map(() => 1),
      ),
      list.flatMap(({ positive }, i) => (positive ? [i] : [])),
    );
  const interval = bootstrap(count, seed, (pick) => auc(pick(items)));
  return { name, estimate: { mean: auc(items), interval, count } };
}
