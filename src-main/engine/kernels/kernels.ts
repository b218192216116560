import type { EncodedArray } from '../records';
import moduleBytes from './kernels.wat';
import { KernelMemory } from './memory';
import { type Panel, PlacedQueries } from './placed-queries';

type Decode = (values: number, scales: number, count: number, block: number, to: number) => void;
type FloatProducts = (
  query: number,
  values: number,
  rows: number,
  count: number,
  to: number,
  stride: number,
) => void;
type IntegerProducts = (
  query: number,
  queryScales: number,
  values: number,
  scales: number,
  rows: number,
  count: number,
  block: number,
  to: number,
  stride: number,
) => void;

/** The functions of kernels.wat. */
interface KernelExports {
  readonly productsF32x1: FloatProducts;
  readonly productsF32x4: FloatProducts;
  readonly productsI8x1: IntegerProducts;
  readonly productsI8x4: IntegerProducts;
  readonly productsI16x1: IntegerProducts;
  readonly productsI16x4: IntegerProducts;
  readonly decodeI8: Decode;
  readonly decodeI16: Decode;
  readonly transposedTimes: (
    matrix: number,
    f: number,
    product: number,
    rows: number,
    columns: number,
  ) => void;
}

/** Stored numbers in the kernels' memory, in a form that a product takes. */
interface Located {
  readonly codec: 'dense' | 'int8' | 'int16';
  readonly values: number;
  readonly scales: number;
  /** 0 for `dense`. */
  readonly block: number;
}

/** X Q, row by row: valid until the next product. */
export interface Products {
  readonly values: Float64Array;
  /** Numbers from one row to the next. */
  readonly stride: number;
}

/** Stored numbers with what they decode to, which is asked for only where no loop takes them. */
export interface Stored {
  readonly encoded: EncodedArray;
  readonly data: Float32Array;
}

/** Numbers of X that are taken together past all queries, so that those stay in the cache. */
const tile = 4096;
/** Longest block whose sums stay within 32 bits. */
const longestBlock = 512;
const sizes = { dense: 4, int8: 1, int16: 2 } as const;
const most = { idle: 2, idleBytes: 256 * 1024 * 1024 } as const;

let compiled: Promise<WebAssembly.Module> | null = null;
const idle: Kernels[] = [];

/**
 * The inner loops and the memory they share with the trace's reader, so that a stored byte is looked
 * at where it was read to.
 */
export class Kernels {
  private readonly memory = new KernelMemory();
  private readonly run: KernelExports;
  private decoded: { readonly of: EncodedArray; readonly floats: Float32Array } | null = null;

  private constructor(module: WebAssembly.Module) {
    const env = { memory: this.memory.memory };
    this.run = new WebAssembly.Instance(module, { env }).exports as unknown as KernelExports;
  }

  /** Kernels for one explanation: ones that were given back, whose memory is warm, or new ones. */
  static async borrow(): Promise<Kernels> {
    compiled ??= WebAssembly.compile(moduleBytes);
    return idle.pop() ?? new Kernels(await compiled);
  }

  /** Gives them back: everything that was placed and every view is void from here on. */
  giveBack(): void {
    this.memory.clear();
    this.decoded = null;
    if (idle.length < most.idle && this.memory.size <= most.idleBytes) idle.push(this);
  }

  /** A buffer for the reader; of its two slots one is read into while the other is worked on. */
  readonly buffer = (slot: number, count: number): Uint8Array => {
    const offset = this.memory.room(`buffer ${slot}`, count);
    return new Uint8Array(this.memory.bytes, offset, count);
  };

  /** Queries [count, length] for `products`. */
  place(queries: readonly Float32Array[]): PlacedQueries {
    return new PlacedQueries(this.memory, queries, queries[0]?.length ?? 0);
  }

  /**
   * X Q for stored X [rows, length] of every part, one part's rows after another's. fp32 is multiplied
   * in double precision; 8- and 16-bit numbers exactly, with queries rounded to 16 bits.
   */
  products(queries: PlacedQueries, parts: readonly Stored[], rows = 1): Products {
    const { stride } = queries;
    const count = parts.length * rows * stride;
    const to = this.memory.room('products', count * 8);
    new Float64Array(this.memory.bytes, to, count).fill(0);
    const together = parts.every((part) => this.isAlike(part, parts[0], queries.length, rows));
    const groups = together ? [parts] : parts.map((part) => [part]);
    let at = to;
    for (const group of groups) {
      const located = group.map((part) => this.locate(part, queries.length, rows));
      this.addProducts(queries, located, rows, at);
      at += group.length * rows * stride * 8;
    }
    return { values: new Float64Array(this.memory.bytes, to, count), stride };
  }

  /** Tile by tile through all parts, so that a tile of the queries is fetched once for all of them. */
  private addProducts(
    queries: PlacedQueries,
    parts: readonly Located[],
    rows: number,
    to: number,
  ): void {
    const { length } = queries;
    const stride = queries.stride * 8;
    const block = parts[0]?.block ?? 0;
    const size = rows === 1 ? tileOf(block) : length;
    for (let start = 0; start < length; start += size) {
      const count = Math.min(size, length - start);
      for (const [p, part] of parts.entries()) {
        let column = to + p * rows * stride;
        for (const panel of queries.panels(block)) {
          this.multiply(panel, part, { start, count, rows, to: column, stride });
          column += panel.width * 8;
        }
      }
    }
  }

  private multiply(
    { width, values: query, scales: queryScales }: Panel,
    { codec, values, scales, block }: Located,
    part: { start: number; count: number; rows: number; to: number; stride: number },
  ): void {
    const { start, count, rows, to, stride } = part;
    const x = values + start * sizes[codec];
    if (codec === 'dense') {
      const multiply = width === 1 ? this.run.productsF32x1 : this.run.productsF32x4;
      multiply(query + start * width * 4, x, rows, count, to, stride);
      return;
    }
    const [one, four] =
      codec === 'int8'
        ? [this.run.productsI8x1, this.run.productsI8x4]
        : [this.run.productsI16x1, this.run.productsI16x4];
    const first = start / block;
    const multiply = width === 1 ? one : four;
    const q = query + start * width * 2;
    const qs = queryScales + first * width * 4;
    multiply(q, qs, x, scales + first * 4, rows, count, block, to, stride);
  }

  /**
   * Stored numbers as floats in memory: where they lie, or decoded. Valid until the next call for
   * other numbers.
   */
  floats(part: Stored): Float32Array {
    const { encoded } = part;
    if (this.decoded?.of === encoded) return this.decoded.floats;
    const floats = this.decode(part);
    this.decoded = { of: encoded, floats };
    return floats;
  }

  private decode(part: Stored): Float32Array {
    const { memory } = this;
    const stored = part.encoded;
    if (stored.codec !== 'int8' && stored.codec !== 'int16') {
      const from = stored.codec === 'dense' ? stored.values : part.data;
      const offset = memory.offsetOf(from, 'floats');
      return new Float32Array(memory.bytes, offset, from.length);
    }
    const { scales, block } = stored;
    const count = stored.values.length;
    const to = memory.room('floats', count * 4);
    const decodeBlocks = stored.codec === 'int8' ? this.run.decodeI8 : this.run.decodeI16;
    const values = memory.offsetOf(stored.values, 'values');
    decodeBlocks(values, memory.offsetOf(scales, 'scales'), count, block, to);
    return new Float32Array(memory.bytes, to, count);
  }

  /** Gᵀ f for G [rows, columns], row by row, and f [rows]; valid until the next call. */
  transposedTimes(matrix: Float32Array, f: ArrayLike<number>, columns: number): Float64Array {
    const { memory } = this;
    const from = memory.offsetOf(matrix, 'matrix');
    const factors = memory.room('f', f.length * 8);
    const to = memory.room('image', columns * 8);
    new Float64Array(memory.bytes, factors, f.length).set(f);
    this.run.transposedTimes(from, factors, to, f.length, columns);
    return new Float64Array(memory.bytes, to, columns);
  }

  /** Whether a part is multiplied where it lies, with the same form of the queries as another. */
  private isAlike(part: Stored, other: Stored | undefined, length: number, rows: number): boolean {
    const { encoded } = part;
    if (!this.memory.holds(encoded.values) || encoded.codec !== other?.encoded.codec) return false;
    if (encoded.codec === 'dense' || other.encoded.codec === 'dense') return true;
    const sameBlock = encoded.block === other.encoded.block;
    return sameBlock && this.memory.holds(encoded.scales) && hasLoop(encoded, length, rows);
  }

  private locate(part: Stored, length: number, rows: number): Located {
    const { memory } = this;
    const { encoded } = part;
    if (encoded.codec !== 'dense' && hasLoop(encoded, length, rows)) {
      return {
        codec: encoded.codec as 'int8' | 'int16',
        values: memory.offsetOf(encoded.values, 'values'),
        scales: memory.offsetOf(encoded.scales, 'scales'),
        block: encoded.block,
      };
    }
    const floats = this.floats(part);
    return { codec: 'dense', values: floats.byteOffset, scales: 0, block: 0 };
  }
}

/** Whether a loop takes the integers as they are: whole vectors, rows that begin with a block. */
function hasLoop(stored: EncodedArray, length: number, rows: number): boolean {
  if (stored.codec !== 'int8' && stored.codec !== 'int16') return false;
  const { block } = stored;
  if (block > longestBlock || block % 16 !== 0) return false;
  return rows === 1 || length % block === 0;
}

/** Whole blocks, and whole vectors of floats. */
function tileOf(block: number): number {
  return block === 0 ? tile : block * Math.ceil(tile / block);
}
