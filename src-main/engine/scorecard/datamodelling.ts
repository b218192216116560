import { Random } from '../../../src-shared/random';
import type { Scorecard } from '../../../src-shared/scorecard';
import { bootstrapMean, spearman } from '../../../src-shared/statistics';
import { influences } from './influences';
import {
  allIndices,
  logitsOf,
  lossOf,
  type SmallData,
  type SmallRun,
  smallRun,
  subset,
} from './small-run';
import { hiddenLayers, type SmallTraining } from './task';
import { gradientProducts } from './tracin';

export interface DatamodellingOptions {
  readonly training: SmallTraining;
  readonly seed: number;
  readonly subsets: number;
  readonly signal: AbortSignal;
  readonly onSubset: (done: number) => void;
}

/** Share of the training examples in each subset. */
const subsetShare = 0.5;
/** Checkpoints that TracIn is summed over, evenly over the training. */
const checkpoints = 3;

/**
 * The linear datamodelling score (Park et al. 2023): networks are trained anew on random halves of
 * the training examples; a score predicts the output of each for a test example by summing over the
 * half. Output: ln(p / (1 − p)) of the true class. Per test example the rank correlation of predicted
 * and true outputs over the subsets, then their mean.
 */
export async function datamodelling(
  data: SmallData,
  { training: usual, seed, subsets, signal, onSubset }: DatamodellingOptions,
): Promise<Scorecard['datamodelling']> {
  const layers = hiddenLayers(data.classes);
  const training = { ...usual, seed };
  const asked = allIndices(data.test);
  const random = Random.seeded(seed, 'subsets');
  const halves: Int32Array[] = [];
  const outputs: Float64Array[] = [];
  for (let k = 0; k < subsets; k++) {
    const size = Math.round(subsetShare * data.train.count);
    const half = random.shuffle(allIndices(data.train)).slice(0, size);
    const train = subset(data.train, half);
    const run = await smallRun({ ...data, train }, layers, { ...training, seed: seed + k }, signal);
    halves.push(half);
    outputs.push(outputsOf(run, data));
    run.dispose();
    onSubset(k + 1);
  }
  const run = await smallRun(data, layers, training, signal);
  const references = Array.from(asked, (index) => ({ split: 'test', index }) as const);
  const scores: [string, Float64Array[]][] = [
    ['γ, representation', await influences(run, references, 'representation', signal)],
    ['γ, margin', await influences(run, references, 'margin', signal)],
    ['TracIn over checkpoints', await tracin(run, data, training, signal)],
    ['same class', sameClass(data)],
    ['random', references.map(() => Float64Array.from(data.train.labels, () => random.normal()))],
  ];
  run.dispose();
  return {
    ...{ subsets, share: subsetShare, examples: data.test.count },
    scores: scores.map(([name, rows]) => ({
      name,
      estimate: bootstrapMean(
        rows.map((row, j) => {
          const predicted = halves.map((half) => half.reduce((sum, i) => sum + (row[i] ?? 0), 0));
          const found = outputs.map((each) => each[j] as number);
          return spearman(predicted, found);
        }),
        seed,
      ),
    })),
  };
}

/** ln(p / (1 − p)) of each test example's class. */
function outputsOf({ network }: SmallRun, { test }: SmallData): Float64Array {
  return Float64Array.from(logitsOf(network, test, allIndices(test)), (logits, i) => {
    const loss = lossOf(logits, test.labels[i] as number);
    return -loss - Math.log(Math.max(1 - Math.exp(-loss), 1e-30));
  });
}

function sameClass({ train, test }: SmallData): Float64Array[] {
  return Array.from(test.labels, (label) =>
    Float64Array.from(train.labels, (own) => Number(own === label)),
  );
}

/** Sum over checkpoints of the same training, stopped early. */
async function tracin(
  run: SmallRun,
  data: SmallData,
  training: SmallTraining,
  signal: AbortSignal,
) {
  const layers = hiddenLayers(data.classes);
  const steps = run.source.steps.count;
  const sums = Array.from(data.test.labels, () => new Float64Array(data.train.count));
  for (let k = 1; k <= checkpoints; k++) {
    const maxSteps = Math.round((steps * k) / checkpoints);
    const stopped = await smallRun(data, layers, { ...training, maxSteps }, signal);
    const products = await gradientProducts(stopped.network, data.train, data.test, signal);
    stopped.dispose();
    for (const [j, sum] of sums.entries()) {
      for (let i = 0; i < sum.length; i++) {
        sum[i] = (sum[i] as number) + (products[j]?.[i] as number);
      }
    }
  }
  return sums;
}
