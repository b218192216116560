import type { EncodedArray } from '../records';
import moduleBytes from './kernels.wat';

/** The functions of kernels.wat. */
interface KernelExports {
  readonly dotF32: (query: number, values: number, count: number) => number;
  readonly dotI8: (
    query: number,
    queryScales: number,
    values: number,
    scales: number,
    count: number,
    block: number,
  ) => number;
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

type Decode = (values: number, scales: number, count: number, block: number, to: number) => void;

const pageBytes = 65_536;
const mostPages = 65_536;
let compiled: Promise<WebAssembly.Module> | null = null;

/** A query that lies in the kernels' memory, in the forms that the stored codecs ask for. */
export interface PlacedQuery {
  readonly values: Float32Array;
  readonly offset: number;
  /** As 16-bit blocks, by block length. */
  readonly quantized: Map<number, { readonly values: number; readonly scales: number }>;
}

/**
 * Memory shared by the trace's reader and the inner loops, so that a stored byte is looked at where
 * it was read to. Everything taken lives as long as this object.
 */
export class Kernels {
  private readonly memory: WebAssembly.Memory;
  private readonly run: KernelExports;
  private next = 64;
  private decoded: { readonly of: EncodedArray; readonly floats: Float32Array } | null = null;
  private readonly scratch = new Map<string, { offset: number; bytes: number }>();
  /** Growing gives the same memory a new buffer object; views of the older ones stay good. */
  private readonly own = new WeakSet<ArrayBufferLike>();

  private constructor(module: WebAssembly.Module) {
    this.memory = new WebAssembly.Memory({ initial: 1, maximum: mostPages, shared: true });
    const instance = new WebAssembly.Instance(module, { env: { memory: this.memory } });
    this.run = instance.exports as unknown as KernelExports;
  }

  static async create(): Promise<Kernels> {
    compiled ??= WebAssembly.compile(moduleBytes);
    return new Kernels(await compiled);
  }

  /** Takes memory for `count` bytes, aligned for vectors. */
  take(count: number): number {
    const offset = this.next;
    this.next = Math.ceil((offset + count) / 64) * 64;
    const missing = Math.ceil((this.next - this.memory.buffer.byteLength) / pageBytes);
    if (missing > 0) this.memory.grow(missing);
    return offset;
  }

  private get bytes(): ArrayBufferLike {
    this.own.add(this.memory.buffer);
    return this.memory.buffer;
  }

  /** A buffer for the reader; of its two slots one is read into while the other is worked on. */
  readonly buffer = (slot: number, count: number): Uint8Array => {
    const offset = this.space(`buffer ${slot}`, count);
    return new Uint8Array(this.bytes, offset, count);
  };

  /** Puts a query into memory. */
  place(query: ArrayLike<number>): PlacedQuery {
    const offset = this.take(query.length * 4);
    const values = new Float32Array(this.bytes, offset, query.length);
    values.set(query);
    return { values, offset, quantized: new Map() };
  }

  /** Room for `count` doubles in memory. */
  doubles(count: number): Float64Array {
    const offset = this.take(count * 8);
    return new Float64Array(this.bytes, offset, count);
  }

  /**
   * Stored numbers as floats in memory: where they lie, or decoded. Valid until the next call for
   * other numbers.
   */
  floats(stored: EncodedArray, decoded: () => Float32Array): Float32Array {
    if (this.decoded?.of === stored) return this.decoded.floats;
    const floats = this.decode(stored, decoded);
    this.decoded = { of: stored, floats };
    return floats;
  }

  private decode(stored: EncodedArray, decoded: () => Float32Array): Float32Array {
    const count = stored.codec === 'int4' ? decoded().length : stored.values.length;
    if (stored.codec !== 'int8' && stored.codec !== 'int16') {
      const from = stored.codec === 'dense' ? stored.values : decoded();
      // Taken first: it may grow the memory, and `bytes` has to be what it grew to.
      const offset = this.offsetOf(from, 'floats');
      return new Float32Array(this.bytes, offset, count);
    }
    const to = this.space('floats', count * 4);
    const decodeBlocks = stored.codec === 'int8' ? this.run.decodeI8 : this.run.decodeI16;
    const values = this.offsetOf(stored.values, 'values');
    decodeBlocks(values, this.offsetOf(stored.scales, 'scales'), count, stored.block, to);
    return new Float32Array(this.bytes, to, count);
  }

  /** x_i · f for every row of X [rows, columns], which lies in memory. */
  rowDots(matrix: Float32Array, f: PlacedQuery, rows: number, columns: number): Float64Array {
    return Float64Array.from({ length: rows }, (_, row) =>
      this.run.dotF32(f.offset, matrix.byteOffset + row * columns * 4, columns),
    );
  }

  /** ⟨Q, x⟩ for stored numbers x, in double precision. */
  dot(query: PlacedQuery, stored: EncodedArray, decoded: () => Float32Array): number {
    if (stored.codec === 'int8' && stored.block <= 512) {
      const { values, scales } = this.quantizedQuery(query, stored.block);
      return this.run.dotI8(
        values,
        scales,
        this.offsetOf(stored.values, 'values'),
        this.offsetOf(stored.scales, 'scales'),
        stored.values.length,
        stored.block,
      );
    }
    const values = this.floats(stored, decoded);
    return this.run.dotF32(query.offset, values.byteOffset, values.length);
  }

  /**
   * Gᵀ f for G [rows, columns], into `product`; both f and product come from `doubles`.
   */
  transposedTimes(matrix: Float32Array, f: Float64Array, product: Float64Array): void {
    const from = this.offsetOf(matrix, 'values');
    const { length: columns } = product;
    this.run.transposedTimes(from, f.byteOffset, product.byteOffset, f.length, columns);
  }

  private quantizedQuery(query: PlacedQuery, block: number) {
    const known = query.quantized.get(block);
    if (known) return known;
    const { length } = query.values;
    const values = this.take(length * 2);
    const scales = this.take(Math.ceil(length / block) * 4);
    const made = { values, scales };
    quantize16(
      query.values,
      block,
      new Int16Array(this.bytes, values, length),
      new Float32Array(this.bytes, scales, Math.ceil(length / block)),
    );
    query.quantized.set(block, made);
    return made;
  }

  /** Where numbers lie in memory; what lies elsewhere is copied in first. */
  private offsetOf(view: ArrayBufferView, name: string): number {
    if (this.own.has(view.buffer)) return view.byteOffset;
    const offset = this.space(name, view.byteLength);
    const source = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    new Uint8Array(this.bytes, offset, view.byteLength).set(source);
    return offset;
  }

  private space(name: string, count: number): number {
    const known = this.scratch.get(name);
    if (known && known.bytes >= count) return known.offset;
    const offset = this.take(count);
    this.scratch.set(name, { offset, bytes: count });
    return offset;
  }
}

/**
 * Numbers as 16-bit integers in blocks: x ≈ values · scale with scale = max|x| / 32767. The error is
 * at most half a scale, 1.5e-5 of the block's largest number.
 */
function quantize16(
  numbers: Float32Array,
  block: number,
  values: Int16Array,
  scales: Float32Array,
): void {
  for (let b = 0; b < scales.length; b++) {
    const start = b * block;
    const end = Math.min(start + block, numbers.length);
    let largest = 0;
    for (let i = start; i < end; i++) largest = Math.max(largest, Math.abs(numbers[i] as number));
    scales[b] = largest / 32_767;
    const scale = scales[b] as number;
    if (scale === 0) continue;
    for (let i = start; i < end; i++) {
      const value = Math.round((numbers[i] as number) / scale);
      values[i] = Math.max(-32_767, Math.min(32_767, value));
    }
  }
}
