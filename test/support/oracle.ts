import { readFileSync } from 'node:fs';
import { unzipSync } from 'fflate';
import type { Examples } from '../../src-main/engine/examples';
import type { NamedArray } from '../../src-main/engine/records';
import type { Batch } from '../../src-main/engine/sampler';
import type { Explanation } from '../../src-shared/explanation/explanation';
import type { LayerSpec } from '../../src-shared/model/layer-spec';
import { resolveModel } from '../../src-shared/model/shapes';
import type { Recipe, RecipeInput } from '../../src-shared/recipe/recipe';
import { completeRecipe } from '../../src-shared/recipe/schema';
import { graphSplit, type WrittenGraph } from './graphs';
import { readSafetensors } from './safetensors-file';

/**
 * The oracle's fixtures, read without the product's own readers. Numbers are float64 there; see
 * test/fixtures/oracle/README.md for what they mean and how near fp32 comes.
 */

export interface OracleCase {
  readonly recipe: Recipe;
  readonly model: ReturnType<typeof resolveModel>;
  readonly train: Examples;
  readonly test: Examples;
  readonly initial: NamedArray[];
  readonly order: (Batch & { readonly loss: number })[];
  /** A safetensors file of float64 tensors. */
  tensors(file: string): Map<string, Float64Array>;
  json<T>(file: string): T;
  explanations(target: string, unit: string): Explanation[];
}

const root = new URL('../fixtures/oracle/', import.meta.url);

export function oracleCase(name: string): OracleCase {
  const at = (path: string): URL => new URL(`${name}/${path}`, root);
  const file = (path: string): Buffer => readFileSync(at(path));
  const input = JSON.parse(file('recipe.json').toString()) as RecipeInput;
  const recipe = completeRecipe(input, name);
  const split = recipe.data.endsWith('.json')
    ? graphsOf(JSON.parse(file(recipe.data).toString()) as Record<string, WrittenGraph[]>)
    : arraysOf(unzipSync(file('data.npz')));
  const train = split('train');
  const labels = Array.from({ length: train.count }, (_, i) => Number(train.labels[i]));
  const classes = Math.max(...labels) + 1;
  const layers = (recipe.model as { layers: LayerSpec[] }).layers;
  return {
    recipe,
    model: resolveModel(layers, train.shape, classes),
    train,
    test: split('test'),
    initial: [...readSafetensors(at('initial.safetensors'))].map(([tensor, { shape, data }]) => ({
      name: tensor,
      shape,
      data: Float32Array.from(data),
    })),
    order: file('order.jsonl')
      .toString()
      .trim()
      .split('\n')
      .map((line) => {
        const row = JSON.parse(line) as Batch & {
          examples: number[];
          ghosts: number[];
          loss: number;
        };
        return {
          ...row,
          epoch: 0,
          examples: Int32Array.from(row.examples),
          ghosts: Int32Array.from(row.ghosts),
        };
      }),
    tensors: (path) =>
      new Map([...readSafetensors(at(path))].map(([tensor, { data }]) => [tensor, data])),
    json: <T>(path: string) => JSON.parse(file(path).toString()) as T,
    explanations: (target, unit) =>
      JSON.parse(file(`explanation.${target}.${unit}.json`).toString()) as Explanation[],
  };
}

function graphsOf(splits: Record<string, WrittenGraph[]>): (part: string) => Examples {
  return (part) => graphSplit(splits[part] ?? []);
}

function arraysOf(members: Record<string, Uint8Array>): (part: string) => Examples {
  return (part) => examplesOf(members, part);
}

function examplesOf(members: Record<string, Uint8Array>, part: string): Examples {
  const x = readArray(members[`x_${part}.npy`] as Uint8Array);
  const y = readArray(members[`y_${part}.npy`] as Uint8Array);
  const [count = 0, ...rest] = x.shape;
  const shape = x.shape.length === 3 ? [...rest, 1] : rest;
  const size = shape.reduce((a, b) => a * b, 1);
  const scale = x.kind === '|u1' ? 255 : 1;
  return {
    count,
    shape,
    labels: y.values,
    gather(indices, into) {
      for (let i = 0; i < indices.length; i++) {
        for (let k = 0; k < size; k++) {
          into[i * size + k] = (x.values[(indices[i] as number) * size + k] as number) / scale;
        }
      }
    },
  };
}

function readArray(bytes: Uint8Array): { kind: string; shape: number[]; values: number[] } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = view.getUint16(8, true);
  const header = new TextDecoder().decode(bytes.subarray(10, 10 + headerLength));
  const kind = /'descr': '([^']+)'/.exec(header)?.[1] ?? '';
  const shape = (/'shape': \(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .filter((side) => side.trim() !== '')
    .map(Number);
  const data = bytes.slice(10 + headerLength).buffer;
  const arrays: Record<string, (buffer: ArrayBuffer) => ArrayLike<number | bigint>> = {
    '|u1': (b) => new Uint8Array(b),
    '<f4': (b) => new Float32Array(b),
    '<f8': (b) => new Float64Array(b),
    '<i4': (b) => new Int32Array(b),
    '<i8': (b) => new BigInt64Array(b),
  };
  return { kind, shape, values: Array.from(arrays[kind]?.(data) ?? [], Number) };
}
