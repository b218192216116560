import type { SmallData } from '../../src-main/engine/scorecard/small-run';
import { analyseArchitecture } from '../../src-main/engine/uniformity/analyse';
import type { LayerFlag, LayerSpecificity } from '../../src-shared/architecture/architecture';
import type { LayerSpec } from '../../src-shared/model/layer-spec';
import { clouds, parities, trainSmall } from './small-training';

/** A planted case: data, and a network whose hidden layers are all alike. */
export interface Planted {
  readonly name: string;
  readonly data: (seed: number) => SmallData;
  readonly hidden: number;
  readonly normalized: boolean;
  /** Whether each hidden layer but the first adds to what goes past it. */
  readonly residual: boolean;
  readonly learningRate: number;
  readonly epochs: number;
}

const usual = { normalized: false, residual: false, learningRate: 0.05, epochs: 12 };

/** Depth is useless where a single layer does, and needed where less than `hidden` fails. */
export const planted: readonly Planted[] = [
  { ...usual, name: 'clouds, 5 hidden', data: clouds, hidden: 5, learningRate: 0.01, epochs: 6 },
  {
    ...{ ...usual, name: 'clouds, 5 hidden, residual', data: clouds, hidden: 5 },
    ...{ normalized: true, residual: true, epochs: 6 },
  },
  { ...usual, name: 'parities, 5 hidden', data: parities, hidden: 5 },
  { ...usual, name: 'parities, 2 hidden', data: parities, hidden: 2 },
  { ...usual, name: 'parities, 2 hidden, normalised', data: parities, hidden: 2, normalized: true },
];

/** What was found of one training of a planted case. */
export interface PlantedFinding {
  readonly layers: readonly LayerSpecificity[];
  readonly accuracy: number;
  /** Whether one hidden layer less costs no more than two points of test accuracy. */
  readonly oneLess: boolean;
  /** The same for all layers of a flag at once; null where none has it. */
  readonly without: (flag: LayerFlag) => Promise<boolean | null>;
}

/** Accuracy that a network may lose and still count as good without a layer. */
const tolerated = 0.02;

export async function plantedFinding(plant: Planted, seed: number): Promise<PlantedFinding> {
  const data = plant.data(seed);
  const accuracyAt = async (hidden: number): Promise<number> => {
    const shallower = layersOf(plant, hidden);
    const { run, accuracy } = await trainSmall(data, shallower, trained(plant, seed));
    run.dispose();
    return accuracy;
  };
  const { run, predicted, accuracy } = await trainSmall(
    data,
    layersOf(plant, plant.hidden),
    trained(plant, seed),
  );
  const { layers } = await analyseArchitecture(run, {
    ...{ split: 'test', predicted, examples: 32, seed },
  });
  run.dispose();
  return {
    ...{ layers, accuracy },
    oneLess: (await accuracyAt(plant.hidden - 1)) >= accuracy - tolerated,
    without: async (flag) => {
      const count = layers.filter((layer) => layer.flag === flag).length;
      if (count === 0) return null;
      return (await accuracyAt(plant.hidden - count)) >= accuracy - tolerated;
    },
  };
}

function trained({ normalized, learningRate, epochs }: Planted, seed: number) {
  return {
    ...{ batchSize: normalized ? 36 : 24, ghostSamples: normalized ? 12 : 0 },
    ...({ optimizer: { name: 'sgd', learningRate }, epochs, seed } as const),
  };
}

function layersOf({ normalized, residual }: Planted, hidden: number): LayerSpec[] {
  const layers: LayerSpec[] = [];
  let last = '';
  for (let i = 1; i <= hidden; i++) {
    layers.push({ type: 'Dense', name: `fc${i}`, units: 32, useBias: !normalized });
    if (normalized) layers.push({ type: 'BatchNormalization', name: `bn${i}` });
    layers.push({ type: 'ReLU', name: `relu${i}` });
    if (residual && i > 1) {
      layers.push({ type: 'Add', name: `add${i}`, inputs: [`relu${i}`, last] });
    }
    last = (layers.at(-1) as LayerSpec).name;
  }
  return [...layers, { type: 'Dense', name: 'logits', units: 4 }];
}
