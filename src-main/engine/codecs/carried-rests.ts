import type { OptimizerSpec } from '../../../src-shared/recipe/optimizer-spec';
import type { StepPlace } from '../optimizer-memory';
import type { NamedArray, PartStorage, TracedLayer } from '../records';
import type { Carry } from './quantisation';

/** Name of a carried rest in a checkpoint: no layer's name begins so. */
const prefix = 'optimizer/_rest/';

/** More than this is not carried on: a rest of steps that count for so much more would drown this one. */
const largestRatio = 16;

/**
 * What rounding leaves over of each part that is stored step after step in the same shape, to be stored
 * with the next step: so that errors of single steps don't add up over a training.
 */
export class CarriedRests {
  private readonly rests = new Map<string, Float32Array>();
  private ratio = 0;
  private rate: number | null = null;

  /** @param optimizer what the weight of a step's record in the final weights depends on */
  constructor(private readonly optimizer: OptimizerSpec) {}

  /** To be called before the parts of a step are read. */
  begin({ learningRate }: Pick<StepPlace, 'learningRate'>): void {
    // In fp32, as checkpoints keep it: a training that goes on makes the same bits.
    const rate = Math.fround(learningRate);
    this.ratio = this.rate === null ? 0 : this.ratioTo(rate, this.rate);
    this.rate = rate;
  }

  /** The rest of a part; null where nothing is rounded, or where rows differ from step to step. */
  of({ name, rows, columns }: TracedLayer, { part, codec }: PartStorage): Carry | null {
    const isWhole = part === 'gradient' || part === 'ghost' || part === 'update';
    if (codec === 'dense' || !isWhole) return null;
    const key = `${part}/${name}`;
    const rest = this.rests.get(key) ?? new Float32Array(rows * columns);
    this.rests.set(key, rest);
    return { rest, ratio: this.ratio };
  }

  /** Copies, under `optimizer/_rest/PART/LAYER`, and the learning rate that they belong to. */
  state(): NamedArray[] {
    if (this.rests.size === 0 || this.rate === null) return [];
    const found = [...this.rests].map(([key, rest]): NamedArray => {
      return { name: `${prefix}${key}`, shape: [rest.length], data: rest.slice() };
    });
    return [...found, { name: `${prefix}rate`, shape: [1], data: Float32Array.of(this.rate) }];
  }

  restore(state: readonly NamedArray[]): void {
    this.rests.clear();
    this.rate = null;
    for (const { name, data } of state) {
      if (!name.startsWith(prefix)) continue;
      const key = name.slice(prefix.length);
      if (key === 'rate') this.rate = data[0] as number;
      else this.rests.set(key, data.slice());
    }
  }

  /**
   * ρ_t = c_{t−1} / c_t, c being what a gradient counts for in the final weights, as if the learning rate
   * stayed from here on. With momentum μ an earlier gradient acts once by its own rate and then by the
   * later ones, c_{t−1} / c_t = (1 − μ) η_{t−1} / η_t + μ. Updates count for 1.
   */
  private ratioTo(now: number, before: number): number {
    if (this.optimizer.name !== 'sgd') return 1;
    const { momentum } = this.optimizer;
    const ratio = ((1 - momentum) * before) / now + momentum;
    return ratio <= largestRatio ? ratio : 0;
  }
}

/** Rests by name. */
export type Rests = Map<string, Float32Array>;

/** What earlier steps left over under a name, that of the step before counting as much as this one. */
export function carried(rests: Rests, name: string, length: number): Carry {
  const rest = rests.get(name) ?? new Float32Array(length);
  rests.set(name, rest);
  return { rest, ratio: 1 };
}
