import { beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '../../../src-main/engine/backend';
import {
  type LabelledExamples,
  logitsOf,
  lossOf,
  smallRun,
  subset,
} from '../../../src-main/engine/scorecard/small-run';
import { Random } from '../../../src-shared/random';
import { bootstrap } from '../../../src-shared/statistics';
import { numbersIn, outputsOf } from '../../support/releases';
import { clouds } from '../../support/small-training';

/**
 * Membership inference with shadow models, as strong as this scale allows: of a pool that the attacker
 * knows whole, each run is trained on a random half. For each target and each run the attacker has all
 * other runs with the truth about them, lines up every number that is published, and asks on which side
 * the run's numbers lie. Half wrong is what a coin gets.
 */
const pool = 120;
const runs = 20;
const model = [
  { type: 'Input', name: 'input' },
  { type: 'Dense', name: 'fc1', units: 48, useBias: true },
  { type: 'ReLU', name: 'relu1' },
  { type: 'Dense', name: 'logits', units: 4, useBias: true },
] as const;
const recordings = {
  'class-batches': { recording: 'class-batches', batchSize: 16, ghostSamples: 4 },
  'mini-batches': { recording: 'mini-batches', batchSize: 16, perExample: true },
} as const;
const recipe = {
  optimizer: { name: 'sgd', learningRate: 0.3 },
  epochs: 12,
} as const;

/** What is known of one run: who was in it, what is published, and what is not. */
interface Shadow {
  readonly members: Uint8Array;
  readonly published: Map<string, number>;
  /** Loss of each of the pool under the final network: a number of a single example. */
  readonly losses: Float64Array;
}

async function shadowOf(seed: number, recording: keyof typeof recordings): Promise<Shadow> {
  const random = Random.seeded(seed, 'members');
  const data = clouds(9, pool, 200);
  const train = noisy(data.train);
  const members = new Uint8Array(pool);
  const order = random.shuffle(Int32Array.from({ length: pool }, (_, i) => i));
  for (const index of order.subarray(0, pool / 2)) members[index] = 1;
  const inside = Array.from(order.subarray(0, pool / 2)).sort((a, b) => a - b);
  const trained = { ...data, train: subset(train, inside) };
  const { signal } = new AbortController();
  const run = await smallRun(trained, model, { ...recipe, ...recordings[recording], seed }, signal);
  try {
    const losses = logitsOf(run.network, train, Array.from(members.keys())).map((logits, i) =>
      lossOf(logits, train.labels[i] as number),
    );
    const published = new Map(numbersIn(await outputsOf(run)));
    return { members, published, losses: Float64Array.from(losses) };
  } finally {
    run.dispose();
  }
}

/** A fifth of the labels are wrong, so that a network has to learn single examples by heart. */
function noisy(train: LabelledExamples): LabelledExamples {
  const random = Random.seeded(2, 'labels');
  return {
    ...train,
    labels: train.labels.map((label) => (random.uniform() < 0.2 ? random.integer(4) : label)),
  };
}

/** A guess for each target and run, with the truth: the larger, the likelier inside. */
type Guess = readonly [score: number, inside: boolean];

function guesses(shadows: readonly Shadow[], featuresOf: (s: Shadow, target: number) => number[]) {
  return shadows.map((asked, held): Guess[] =>
    Array.from({ length: pool }, (_, target): Guess => {
      const others = shadows.filter((_, i) => i !== held);
      const side = (inside: number) =>
        others
          .filter(({ members }) => members[target] === inside)
          .map((s) => featuresOf(s, target));
      const [inside, outside] = [side(1), side(0)];
      // Naive Bayes with one variance a number: the sum of its log-likelihood ratios.
      const score = featuresOf(asked, target).reduce((sum, x, f) => {
        const column = (rows: number[][]) => rows.map((row) => row[f] as number);
        const [a, b] = [column(inside), column(outside)];
        const [high, low] = [meanOf(a), meanOf(b)];
        const variance = (spread(a, high) + spread(b, low)) / (a.length + b.length - 2);
        return variance > 0 ? sum + ((high - low) * (x - (high + low) / 2)) / variance : sum;
      }, 0);
      return [score, asked.members[target] === 1];
    }),
  );
}

/** Probability that one inside is scored above one outside; 0.5: chance. */
function auc(scored: readonly Guess[]): number {
  const sorted = [...scored].sort((a, b) => a[0] - b[0]);
  let [inside, rank] = [0, 0];
  for (const [i, [, is]] of sorted.entries()) {
    if (!is) continue;
    inside += 1;
    rank += i + 1;
  }
  return (rank - (inside * (inside + 1)) / 2) / (inside * (sorted.length - inside));
}

const meanOf = (list: readonly number[]) => list.reduce((sum, x) => sum + x, 0) / list.length;
const spread = (list: readonly number[], mean: number) =>
  list.reduce((sum, x) => sum + (x - mean) ** 2, 0);

describe.each(['class-batches', 'mini-batches'] as const)(
  'membership inference, %s',
  (recording) => {
    const shadows: Shadow[] = [];

    beforeAll(async () => {
      await startEngine();
      for (let seed = 1; seed <= runs; seed++) shadows.push(await shadowOf(seed, recording));
    }, 120_000);

    /** AUC over all targets and runs, and its 95 % interval over runs, which are what is independent. */
    function attack(featuresOf: (s: Shadow, target: number) => number[]) {
      const scored = guesses(shadows, featuresOf);
      const interval = bootstrap(runs, 1, (pick) => auc(pick(scored).flat()));
      return { auc: auc(scored.flat()), interval };
    }

    it('from a release is no better than chance', () => {
      const names = [...(shadows[0]?.published.keys() ?? [])].filter((name) =>
        shadows.every(({ published }) => published.has(name)),
      );
      expect(names.length).toBeGreaterThan(60);
      // Specificity is among them, by steps or by examples.
      const specific = names.filter((name) => /^\/3\/content\/.*\/classes\/\d+\/value$/.test(name));
      expect(specific.length).toBeGreaterThan(2);
      const found = attack(({ published }) => names.map((name) => published.get(name) as number));
      // Samples are drawn anew each time: seen were 0.488 to 0.509, with a standard error of 0.012.
      expect(Math.abs(found.auc - 0.5), JSON.stringify(found)).toBeLessThan(0.05);
    });

    it('from the losses of single examples works: the attack can win', () => {
      const found = attack(({ losses }, target) => [Math.log(losses[target] as number)]);
      expect(found.interval[0], JSON.stringify(found)).toBeGreaterThan(0.6);
    });
  },
);
