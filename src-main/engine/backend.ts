import * as tf from '@tensorflow/tfjs';
import { DeltascopeError } from '../../src-shared/errors';
import type { MultiplyStored } from './kernels/stored-job';

/** What computes: recorded in every run, since other settings change the last bits. */
export interface EngineInfo {
  /** `tensorflow` is the native library; `wasm` the fallback that npm alone brings. */
  readonly backend: 'tensorflow' | 'wasm' | 'cpu';
  readonly device: 'GPU' | 'CPU';
  readonly threads: string;
  readonly version: string;
  /** Why the native library isn't used, where it isn't. */
  readonly reason: string | null;
}

/** The part of tfjs-node's backend that runs a TensorFlow operation by name. */
export interface NativeBackend {
  readonly isGPUPackage: boolean;
  readonly isUsingGpuDevice: boolean;
  /** TensorFlow's own numbers of tensors. */
  getInputTensorIds(tensors: readonly tf.Tensor[]): readonly number[];
  /** A tensor of what the binding tells of it. */
  createOutputTensor(made: NativeTensor): tf.Tensor;
  readonly binding: {
    /**
     * A op(B) of each A, matrices in this machine's memory, plus a row in every row where one is given.
     * Absent as `quantiseTensors` is, like those that follow.
     *
     * @param rights of B and perhaps the row
     */
    readonly multiply?: (
      lefts: readonly number[],
      rights: readonly number[],
      transposeB: boolean,
    ) => NativeTensor[];
    /**
     * Σ Aᵀ B.
     *
     * @param ids of A of each pair, then of B of each
     */
    readonly multiplySum?: (ids: readonly number[]) => NativeTensor;
    /** The sum over all but the last axis. */
    readonly sumRows?: (ids: readonly number[]) => NativeTensor;
    /** max(x, 0) of [x]; of [gradient, y] the gradient where y > 0. */
    readonly rectify?: (ids: readonly number[]) => NativeTensor;
    /** A tensor with a copy of numbers, where the runtime's may share them. */
    readonly copyNumbers?: (numbers: Float32Array, shape: readonly number[]) => NativeTensor;
    /** The same numbers in another shape, not copied. */
    readonly reshape?: (ids: readonly number[], shape: readonly number[]) => NativeTensor;
    /**
     * Of [logits] the gradient of the mean softmax cross-entropy.
     *
     * @param sums become the sum of the rows' losses and the number of hits
     */
    readonly softmaxCrossEntropy?: (
      ids: readonly number[],
      labels: Int32Array,
      sums: Float64Array,
    ) => NativeTensor;
    /**
     * x ∗ W of each group of maps, W a kernel of 3 × 3.
     *
     * @param ids of W, then x of each group
     * @param padding zeros around a map
     * @param turned whether W leads back: turned by 180°, in and out exchanged
     */
    readonly convolveTiled?: (
      ids: readonly number[],
      padding: number,
      turned: boolean,
    ) => NativeTensor[];
    /**
     * The gradient by such a kernel of all groups and, where it is wanted, of the last one alone.
     *
     * @param ids of x of each group, then of the gradient by x ∗ W of each
     */
    readonly correlateTiled?: (
      ids: readonly number[],
      padding: number,
      wantsLast: boolean,
    ) => NativeTensor[];
    /**
     * x̂ of each group of rows by pooled moments, then by channel μ, σ² and 1/√(σ² + ε).
     *
     * @param weights of each group's mean in μ, and of its mean (x − μ)² in σ²
     */
    readonly normalize?: (
      ids: readonly number[],
      weights: readonly number[],
      epsilon: number,
    ) => NativeTensor[];
    /** (x − mean) / √(variance + ε) of [x, mean, variance], channel by channel. */
    readonly normalizeBy?: (ids: readonly number[], epsilon: number) => NativeTensor;
    /**
     * The gradient by x of each group.
     *
     * @param ids of 1/√(σ² + ε), then δ of each group, then x̂ of each
     * @param weights of a row of each group in μ and σ²
     */
    readonly normalizeGradient?: (
      ids: readonly number[],
      weights: readonly number[],
    ) => NativeTensor[];
    /**
     * The gradient by x of the maxima y of windows that lie side by side.
     *
     * @param ids of the gradient, x and y
     */
    readonly tiledMaxGradient?: (
      ids: readonly number[],
      height: number,
      width: number,
    ) => NativeTensor;
    /**
     * Moves parameters, and their velocities where there are some, by one step of the optimizer where they lie:
     * the recursion of `updateParameter`, rounded as it is there. Tensors in a GPU's memory can't be
     * moved so. Absent as `quantiseTensors` is.
     *
     * @param ids of weights, gradient and, where κ isn't 0, velocity of each
     * @param coefficients η, λ coupled, ηλ decoupled, μ, a, ν, κ
     */
    readonly descend?: (ids: readonly number[], coefficients: Float32Array) => void;
    /** Multiplies stored numbers. Absent as `quantiseTensors` is. */
    readonly multiplyStored?: MultiplyStored;
    /**
     * Quantises arrays, each made of tensors one after another, after adding what was left over of it before
     * (`Carry`); false where one of these numbers is not finite. With 32 bits it copies them. Absent where the
     * binding is the package's own, without what provisioning adds.
     *
     * @param ids of all tensors
     * @param plan of each array its tensors, bits (32, 16, 8 or 4), block, and the carry's ratio
     * @param arrays of each its values, its scales and its rest, null where there are none
     */
    readonly quantiseTensors?: (
      ids: readonly number[],
      plan: Float64Array,
      arrays: readonly (Int8Array | Int16Array | Uint8Array | Float32Array | null)[],
    ) => boolean;
  };
  executeSingleOutput(
    name: string,
    attributes: readonly NativeAttribute[],
    inputs: readonly tf.Tensor[],
  ): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly NativeAttribute[],
    inputs: readonly tf.Tensor[],
    outputs: number,
  ): tf.Tensor[];
}

/** What the binding tells of a tensor that it has made. */
export interface NativeTensor {
  readonly id: number;
  readonly dtype: number;
  readonly shape: number[];
}

export interface NativeAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** `T: float32`, in the numbers of TensorFlow's C interface (TF_ATTR_TYPE, TF_FLOAT). */
export const typeFloat: NativeAttribute = { name: 'T', type: 4, value: 1 };

let started: Promise<EngineInfo> | null = null;

/**
 * Starts the tensor engine once per process: TensorFlow where its binding loads, else WebAssembly,
 * else plain JavaScript.
 */
export function startEngine(): Promise<EngineInfo> {
  started ??= start();
  return started;
}

/** The native backend, or null where a fallback computes. */
export function nativeBackend(): NativeBackend | null {
  return tf.getBackend() === 'tensorflow' ? (tf.backend() as unknown as NativeBackend) : null;
}

/**
 * The native backend where tensors lie in this machine's own memory and the binding has what
 * provisioning adds to it; else null.
 */
export function patchedBackend(): NativeBackend | null {
  const native = nativeBackend();
  return native?.binding.multiply && !native.isUsingGpuDevice ? native : null;
}

async function start(): Promise<EngineInfo> {
  tf.env().set('PROD', true);
  const reason = await startNative();
  const native = nativeBackend();
  if (native) {
    return {
      backend: 'tensorflow',
      device: native.isUsingGpuDevice ? 'GPU' : 'CPU',
      threads: process.env.TF_NUM_INTRAOP_THREADS ?? 'all',
      version: tf.version_core,
      reason: null,
    };
  }
  for (const fallback of ['wasm', 'cpu'] as const) {
    if (fallback === 'wasm') await import('@tensorflow/tfjs-backend-wasm').catch(() => null);
    if (tf.findBackendFactory(fallback) && (await tf.setBackend(fallback))) {
      return { backend: fallback, device: 'CPU', threads: '1', version: tf.version_core, reason };
    }
  }
  throw new DeltascopeError(
    'engine-missing',
    'engine',
    'No tensor engine starts on this machine. Run `npm run --silent deltascope -- doctor` to see why.',
  );
}

async function startNative(): Promise<string | null> {
  try {
    await import('@tensorflow/tfjs-node-gpu');
    if (patchedBackend()) reshapeByBinding();
    return null;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? null) : String(error);
  }
}

/** Lets `tf.reshape` ask the binding: the runtime's operation takes longer than a small layer. */
function reshapeByBinding(): void {
  const usual = tf.getKernel('Reshape', 'tensorflow');
  tf.unregisterKernel('Reshape', 'tensorflow');
  tf.registerKernel({
    ...usual,
    kernelFunc: (call) => {
      const native = patchedBackend();
      const x = call.inputs.x as tf.Tensor;
      if (!native?.binding.reshape || x.dtype !== 'float32') return usual.kernelFunc(call);
      const { shape } = call.attrs as unknown as { readonly shape: number[] };
      const sides = tf.util.inferFromImplicitShape(shape, tf.util.sizeFromShape(x.shape));
      const ids = native.getInputTensorIds([x]);
      return native.createOutputTensor(native.binding.reshape(ids, sides));
    },
  });
}
