import * as tf from '@tensorflow/tfjs';
import { DeltascopeError } from '../../src-shared/errors';
import { sizeOf } from '../../src-shared/model/resolved';
import { Random } from '../../src-shared/random';
import type { Layer, ParameterSpec, Parameters } from './layers/layer';
import type { NamedArray } from './records';

/** Owns the tensors of all parameters of a network, under the export's names `LAYER/parameter`. */
export class ParameterStore {
  private readonly tensors = new Map<string, tf.Tensor>();
  private readonly byLayer = new Map<string, Record<string, tf.Tensor>>();

  private constructor(private readonly specs: ReadonlyMap<string, ParameterSpec>) {}

  /** Kernels start He-normal from the seed, each from a stream of its own; biases 0. */
  static start(layers: ReadonlyMap<string, Layer>, seed: number): ParameterStore {
    const store = new ParameterStore(specsOf(layers));
    for (const [name, spec] of store.specs) {
      store.set(name, tf.tensor(startValues(spec, name, seed), [...spec.shape], 'float32'));
    }
    return store;
  }

  /** The tensors of one layer, by their names within it. */
  of(layer: string): Parameters {
    return this.byLayer.get(layer) ?? {};
  }

  get(name: string): tf.Tensor {
    const tensor = this.tensors.get(name);
    if (!tensor) throw new Error(`no parameter ${name}`);
    return tensor;
  }

  /**
   * Replaces a parameter; takes ownership of `tensor`, and of the array that it was made of, and frees
   * the old one.
   */
  set(name: string, tensor: tf.Tensor): void {
    const before = this.tensors.get(name);
    if (before === tensor) return;
    before?.dispose();
    this.tensors.set(name, tf.keep(tensor));
    const cut = name.lastIndexOf('/');
    const layer = this.byLayer.get(name.slice(0, cut)) ?? {};
    layer[name.slice(cut + 1)] = tensor;
    this.byLayer.set(name.slice(0, cut), layer);
  }

  /** Does `work` with other values in place of some parameters', which come back after it. */
  during<T>(values: ReadonlyMap<string, tf.Tensor>, work: () => T): T {
    const swap = (tensorOf: (name: string) => tf.Tensor): void => {
      for (const name of values.keys()) {
        const cut = name.lastIndexOf('/');
        const layer = this.byLayer.get(name.slice(0, cut)) as Record<string, tf.Tensor>;
        layer[name.slice(cut + 1)] = tensorOf(name);
      }
    };
    swap((name) => values.get(name) as tf.Tensor);
    try {
      return work();
    } finally {
      swap((name) => this.get(name));
    }
  }

  get trainable(): readonly string[] {
    return [...this.specs].filter(([, spec]) => spec.trainable).map(([name]) => name);
  }

  /** Copies of the values, of all layers or of those that `of` picks. */
  export(of: (layer: string) => boolean = () => true): NamedArray[] {
    return [...this.tensors]
      .filter(([name]) => of(name.slice(0, name.lastIndexOf('/'))))
      .map(([name, tensor]) => arrayOf(name, tensor));
  }

  /**
   * Takes all parameters from `arrays`; names that are no parameter are left alone.
   *
   * @throws model-invalid where one is missing or has another shape; nothing is changed then
   */
  import(arrays: readonly NamedArray[], from: string): void {
    const byName = new Map(arrays.map((array) => [array.name, array]));
    for (const [name, spec] of this.specs) {
      const array = byName.get(name);
      const isStatistic = !spec.trainable && /\/moving(Mean|Variance)$/.test(name);
      if (!array && isStatistic) continue;
      if (!array || array.shape.join() !== spec.shape.join()) {
        const found = array ? `has shape [${array.shape.join(', ')}]` : 'is missing';
        throw new DeltascopeError(
          'model-invalid',
          'engine',
          `${from}: '${name}' ${found}; the model needs [${spec.shape.join(', ')}].`,
        );
      }
    }
    for (const [name, spec] of this.specs) {
      const array = byName.get(name);
      // A copy: training moves the numbers where they lie.
      if (array) this.set(name, tf.tensor(array.data.slice(), [...spec.shape], 'float32'));
    }
  }

  dispose(): void {
    for (const tensor of this.tensors.values()) tensor.dispose();
    this.tensors.clear();
    this.byLayer.clear();
  }
}

/**
 * A copy of a tensor's values under a name. The runtime would give the very array that a tensor was
 * made of, and training moves its numbers where they lie.
 */
export function arrayOf(name: string, tensor: tf.Tensor): NamedArray {
  return { name, shape: tensor.shape, data: tensor.dataSync<'float32'>().slice() };
}

function specsOf(layers: ReadonlyMap<string, Layer>): Map<string, ParameterSpec> {
  const specs = new Map<string, ParameterSpec>();
  for (const [layer, { parameters }] of layers) {
    for (const spec of parameters) specs.set(`${layer}/${spec.name}`, spec);
  }
  return specs;
}

function startValues(spec: ParameterSpec, name: string, seed: number): Float32Array {
  const size = sizeOf(spec.shape);
  const values = new Float32Array(size);
  if (spec.start === 'ones') values.fill(1);
  if (spec.start === 'he-normal') {
    const fanIn = spec.fanIn ?? size / (spec.shape[spec.shape.length - 1] as number);
    const deviation = Math.sqrt(2 / fanIn);
    const random = Random.seeded(seed, `weights/${name}`);
    for (let i = 0; i < size; i++) values[i] = deviation * random.normal();
  }
  return values;
}
