import { leastMagnitude } from '../codecs/quantisation';
import type { KernelMemory } from './memory';

/** One or four queries side by side in memory: of each vector of numbers query by query. */
export interface Panel {
  readonly width: 1 | 4;
  /** Where the numbers lie: f32, or 16-bit integers. */
  readonly values: number;
  /** Where the scales [blocks, width] lie; 0 with f32. */
  readonly scales: number;
}

/** Numbers in a vector of a panel. */
const lanes = { float: 4, integer: 8 } as const;
/** Integers are loaded so many at a time. */
const padded = 16;
const largest = 32_767;
/** Adding and taking it away rounds a double of less than 2⁵¹ to a whole number. */
const rounder = 1.5 * 2 ** 52;

/**
 * Queries of equal length, laid out in the kernels' memory as the stored codec asks for it: as they
 * are, or as 16-bit integers in the stored numbers' blocks. Each form is made when it is first asked
 * for.
 */
export class PlacedQueries {
  /** Columns of a product: the queries, and what fills the last panel. */
  readonly stride: number;
  private readonly forms = new Map<number, readonly Panel[]>();

  constructor(
    private readonly memory: KernelMemory,
    private readonly queries: readonly Float32Array[],
    readonly length: number,
  ) {
    const rest = queries.length % 4;
    this.stride = rest > 1 ? queries.length + 4 - rest : queries.length;
  }

  get count(): number {
    return this.queries.length;
  }

  /** @param block numbers that share a scale; 0: f32 */
  panels(block: number): readonly Panel[] {
    const known = this.forms.get(block);
    if (known) return known;
    const made: Panel[] = [];
    for (let first = 0; first < this.count; first += 4) {
      const queries = this.queries.slice(first, first + 4);
      made.push(block === 0 ? this.floatPanel(queries) : this.integerPanel(queries, block));
    }
    this.forms.set(block, made);
    return made;
  }

  private floatPanel(queries: readonly Float32Array[]): Panel {
    const width = queries.length === 1 ? 1 : 4;
    const count = Math.ceil(this.length / lanes.float) * lanes.float * width;
    const values = this.memory.take(count * 4);
    const panel = new Float32Array(this.memory.bytes, values, count);
    if (width === 1) panel.set(queries[0] as Float32Array);
    else panel.fill(0);
    for (const [column, query] of width === 1 ? [] : queries.entries()) {
      for (let i = 0; i < query.length; i++) {
        panel[((i >> 2) * width + column) * lanes.float + (i & 3)] = query[i] as number;
      }
    }
    return { width, values, scales: 0 };
  }

  private integerPanel(queries: readonly Float32Array[], block: number): Panel {
    const width = queries.length === 1 ? 1 : 4;
    const blocks = Math.ceil(this.length / block);
    const count = Math.ceil(this.length / padded) * padded * width;
    const values = this.memory.take(count * 2);
    const scales = this.memory.take(blocks * width * 4);
    const into = {
      values: new Int16Array(this.memory.bytes, values, count).fill(0),
      scales: new Float32Array(this.memory.bytes, scales, blocks * width).fill(0),
    };
    for (const [column, query] of queries.entries()) {
      quantise16(query, block, width, column, into);
    }
    return { width, values, scales };
  }
}

/**
 * Numbers as 16-bit integers in blocks: x ≈ values · scale with scale = max|x| / 32767. The error is
 * at most half a scale, 1.5e-5 of the block's largest number; blocks below 2⁻¹⁰⁰ become 0.
 */
function quantise16(
  numbers: Float32Array,
  block: number,
  width: number,
  column: number,
  into: { readonly values: Int16Array; readonly scales: Float32Array },
): void {
  const { values, scales } = into;
  for (let start = 0, b = column; start < numbers.length; start += block, b += width) {
    const end = Math.min(start + block, numbers.length);
    let most = 0;
    for (let i = start; i < end; i++) most = Math.max(most, Math.abs(numbers[i] as number));
    if (!(most > leastMagnitude)) continue;
    scales[b] = most / largest;
    const inverse = 1 / (scales[b] as number);
    // Vector by vector: a block starts with one, as its length is a multiple of theirs.
    for (let i = start; i < end; i += lanes.integer) {
      const to = i * width + column * lanes.integer;
      const last = Math.min(lanes.integer, end - i);
      for (let lane = 0; lane < last; lane++) {
        values[to + lane] = (numbers[i + lane] as number) * inverse + rounder - rounder;
      }
    }
  }
}
