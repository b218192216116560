import { Random } from '../../../src-shared/random';
import type { Scorecard } from '../../../src-shared/scorecard';
import { bootstrapMean, spearman } from '../../../src-shared/statistics';
import { Network } from '../network';
import { influences } from './influences';
import { allIndices, type SmallData, type SmallRun, smallRun, subset } from './small-run';
import { hiddenLayers, type SmallTraining } from './task';

/**
 * Whether an explanation changes with what it claims to explain: per test example the rank
 * correlation of the training examples' γ in a run with that in another. A second seed is what
 * agreement looks like; a training on exchanged labels and an untrained network must not agree.
 */
export async function randomised(
  data: SmallData,
  training: SmallTraining,
  seed: number,
  signal: AbortSignal,
): Promise<Scorecard['randomised']> {
  const layers = hiddenLayers(data.classes);
  const random = Random.seeded(seed, 'exchanged');
  const exchanged = random.shuffle(data.train.labels.slice());
  const mixed = { ...data, train: subset(data.train, allIndices(data.train), exchanged) };
  const run = await smallRun(data, layers, { ...training, seed }, signal);
  const again = await smallRun(data, layers, { ...training, seed: seed + 1 }, signal);
  const chance = await smallRun(mixed, layers, { ...training, seed }, signal);
  const untrained: SmallRun = { ...run, network: new Network(run.network.model, seed + 2) };
  const references = Array.from(
    allIndices(data.test),
    (index) => ({ split: 'test', index }) as const,
  );
  try {
    const rows = await influences(run, references, 'representation', signal);
    const others: readonly [string, SmallRun][] = [
      ['another seed', again],
      ['exchanged labels', chance],
      ['untrained network over the same trace', untrained],
    ];
    const scores = [];
    for (const [name, other] of others) {
      const found = await influences(other, references, 'representation', signal);
      const each = rows.map((row, j) => spearman(row, found[j] as Float64Array));
      scores.push({ name, estimate: bootstrapMean(each, seed) });
    }
    return { examples: data.test.count, scores };
  } finally {
    for (const each of [run, again, chance]) each.dispose();
    untrained.network.dispose();
  }
}
