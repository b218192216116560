import * as tf from '@tensorflow/tfjs';
import type { ExplanationTarget } from '../../../src-shared/explanation/explanation';
import type { StepCoefficients } from '../optimizer';
import type { StoredPart } from '../records';
import { type Credit, UpdateRecursion } from './credit';
import { type LinearMap, transposedTimes, withScope } from './linear-map';
import { normFactor } from './patches';

/** The signal that is taken apart. */
export interface Signal {
  /** Z, what γ projects on: z, z − W_0 f, or e_A − e_B. */
  readonly direction: Float64Array;
  readonly directionNorm: number;
  /** What shares are parts of: ‖Z‖², or z_A − z_B. */
  readonly total: number;
  /** ‖z‖, what the residual is relative to. */
  readonly norm: number;
  /** ⟨Z, W_0 f⟩. */
  readonly initial: number;
}

/** The signal of one layer for a target; margins exist at the output layer alone. */
export function signalOf(
  target: ExplanationTarget,
  preActivation: Float64Array,
  initialMap: Float64Array,
): Signal {
  const direction =
    target.kind === 'representation'
      ? preActivation
      : target.kind === 'learned'
        ? preActivation.map((z, i) => z - (initialMap[i] as number))
        : preActivation.map((_, i) => Number(i === target.over[0]) - Number(i === target.over[1]));
  const squared = inner(direction, direction);
  return {
    direction,
    directionNorm: Math.sqrt(squared),
    total: target.kind === 'margin' ? inner(direction, preActivation) : squared,
    norm: Math.sqrt(inner(preActivation, preActivation)),
    initial: inner(direction, initialMap),
  };
}

/** What one pass over the trace finds for one layer and one example. */
export interface LayerProducts {
  /** ⟨Q, g_t⟩, ghosts included. */
  readonly gradient: Float64Array;
  /** The ghosts' part of it. */
  readonly ghost: Float64Array;
  /** ‖Δ_t f‖, or ‖c_t g_t f‖ in unit `credit`. */
  readonly norm: Float64Array;
  /** ⟨Z, X_iᵀ D_i f⟩ for the batch's examples, one array a step; empty where not kept. */
  readonly rows: (Float64Array | undefined)[];
}

/** How ‖Δ_t f‖ follows from gradients: the optimizer forward, or the credit's factors. */
export interface NormRule {
  readonly coefficients: readonly StepCoefficients[];
  /** Given in unit `credit`. */
  readonly credit: Credit | null;
  /** False: no norms and hence no cos; γ alone is much cheaper for convolutions. */
  readonly wanted: boolean;
}

/** Streams a layer's parts past one example's query. */
export class LayerQuery {
  readonly products: LayerProducts;
  private readonly query: Float64Array;
  private readonly input: Float64Array | null;
  private readonly factor: { readonly values: Float64Array; readonly rows: number };
  private readonly factorTensor: tf.Tensor2D | null;
  private readonly recursion: UpdateRecursion | null;

  /**
   * @param map the layer's linear map, @param f its input [1, …], kept alive by the caller
   * @param initialWeights W_0, flattened [rows, columns]
   */
  constructor(
    private readonly map: LinearMap,
    private readonly f: tf.Tensor,
    private readonly signal: Signal,
    initialWeights: Float32Array,
    private readonly rule: NormRule,
    private readonly batchSizes: Int32Array,
  ) {
    const steps = rule.coefficients.length;
    this.products = {
      gradient: new Float64Array(steps),
      ghost: new Float64Array(steps),
      norm: new Float64Array(steps),
      rows: [],
    };
    this.query = map.query(f, signal.direction);
    const { matrix, positions } = map.inputMatrix(f);
    this.input = positions === 1 ? matrix : null;
    const factor = normFactor(matrix, positions, map.rows);
    this.factor = { values: factor.factor, rows: factor.rows };
    const work = factor.rows * map.rows * map.columns;
    this.factorTensor =
      work > tensorWork
        ? tf.tensor2d(Float32Array.from(factor.factor), [factor.rows, map.rows])
        : null;
    const plain = rule.coefficients.every(isPlain);
    this.recursion =
      rule.credit || plain
        ? null
        : new UpdateRecursion(Float64Array.from(this.reduced(initialWeights)));
  }

  /** Takes one stored part; a step's `inputs` come before its `deltas`. */
  take(part: StoredPart, inputs: Float32Array | null): void {
    const { step, data } = part;
    if (part.part === 'gradient') this.takeGradient(step, data);
    if (part.part === 'ghost') this.products.ghost[step] = inner(this.query, data);
    if (part.part === 'deltas' && inputs) {
      this.products.rows[step] = this.map.rowProducts(this.f, this.query, {
        inputs,
        deltas: data,
        count: this.batchSizes[step] as number,
      });
    }
  }

  dispose(): void {
    this.factorTensor?.dispose();
  }

  private takeGradient(step: number, data: Float32Array): void {
    if (!this.input) this.products.gradient[step] = inner(this.query, data);
    if (!this.input && !this.rule.wanted) return;
    const at = this.rule.coefficients[step] as StepCoefficients;
    const image = this.reduced(data);
    if (this.input) this.products.gradient[step] = inner(this.signal.direction, image);
    if (this.recursion) {
      this.products.norm[step] = length(this.recursion.step(image, at));
    } else {
      const factor = this.rule.credit?.gradients[step] ?? at.learningRate;
      this.products.norm[step] = Math.abs(factor) * length(image);
    }
  }

  /** R G: as long as G f, with far fewer entries where the layer is an early convolution. */
  private reduced(matrix: Float32Array): ArrayLike<number> {
    const { rows, columns } = this.map;
    if (this.input) return transposedTimes(matrix, this.input, columns);
    const tensor = this.factorTensor;
    if (tensor) {
      return withScope(() =>
        tf.matMul(tensor, tf.tensor2d(matrix, [rows, columns])).dataSync<'float32'>(),
      );
    }
    const product = new Float64Array(this.factor.rows * columns);
    for (let r = 0; r < this.factor.rows; r++) {
      const row = this.factor.values.subarray(r * rows, (r + 1) * rows);
      product.set(transposedTimes(matrix, row, columns), r * columns);
    }
    return product;
  }
}

/** Multiply-adds above which a tensor operation is worth its dispatch. */
const tensorWork = 100_000;

/** Whether Δ_t = −η_t g_t. */
export function isPlain(at: StepCoefficients): boolean {
  return at.kappa === 0 && at.coupledDecay === 0 && at.decoupledDecay === 0;
}

/** ⟨a, b⟩ in double precision, four partial sums. */
export function inner(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const end = a.length - (a.length % 4);
  for (let i = 0; i < end; i += 4) {
    s0 += (a[i] as number) * (b[i] as number);
    s1 += (a[i + 1] as number) * (b[i + 1] as number);
    s2 += (a[i + 2] as number) * (b[i + 2] as number);
    s3 += (a[i + 3] as number) * (b[i + 3] as number);
  }
  for (let i = end; i < a.length; i++) s0 += (a[i] as number) * (b[i] as number);
  return s0 + s1 + (s2 + s3);
}

function length(vector: ArrayLike<number>): number {
  return Math.sqrt(inner(vector, vector));
}
