import { Random } from '../../../src-shared/random';

/**
 * Draws examples evenly over the classes that the network predicts: in turns one of each class, until
 * `count` have been drawn or none is left.
 *
 * @param predicted most probable class, one an example
 * @param eligible whether a class takes part
 * @returns indices, ascending
 */
export function sampleByPrediction(
  predicted: Int32Array,
  count: number,
  seed: number,
  eligible: (label: number) => boolean = () => true,
): number[] {
  const random = Random.seeded(seed, 'sample');
  const byClass = new Map<number, number[]>();
  const order = random.shuffle(Int32Array.from(predicted, (_, index) => index));
  for (const index of order) {
    const label = predicted[index] as number;
    if (!eligible(label)) continue;
    const list = byClass.get(label) ?? [];
    byClass.set(label, list);
    list.push(index);
  }
  const lists = [...byClass.keys()].sort((a, b) => a - b).map((label) => byClass.get(label) ?? []);
  const drawn: number[] = [];
  for (let turn = 0; drawn.length < count && lists.some((list) => turn < list.length); turn++) {
    for (const list of lists) {
      const index = list[turn];
      if (index !== undefined && drawn.length < count) drawn.push(index);
    }
  }
  return drawn.sort((a, b) => a - b);
}
