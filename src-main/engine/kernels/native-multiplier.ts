import { availableParallelism } from 'node:os';
import { cancelledError, DeltascopeError } from '../../../src-shared/errors';
import { sizeOf } from '../../../src-shared/model/resolved';
import { nativeBackend } from '../backend';
import type { LocatedPart } from '../records';
import { arraysOf, runsOf } from './located-runs';
import {
  type LeftMatrix,
  type Multiplier,
  type PairQuestions,
  type Products,
  Queries,
  type Taps,
} from './multiplier';
import { giveBack, takeRoom } from './rooms';
import type { MultiplyStored, StoredJob } from './stored-job';

/** More threads than this wait for the memory. */
const mostThreads = 16;
/** Numbers in memory that one thread takes at a time. */
const heldSlice = 1 << 20;

/** What is asked of parts, whichever they are. */
type Work = Pick<StoredJob, 'kind' | 'columns' | 'count' | 'left' | 'right'>;

interface Pending {
  readonly job: StoredJob;
  readonly done: () => void;
  readonly fail: (error: unknown) => void;
}

/** The binding's loops, where they were built. */
export function multiplyStored(): MultiplyStored | null {
  return nativeBackend()?.binding.multiplyStored ?? null;
}

/**
 * Multiplies numbers where they lie in the files, by all cores. What is asked for in one turn of the
 * event loop goes out as one call.
 */
export class NativeMultiplier implements Multiplier<LocatedPart> {
  readonly together = true;
  readonly #multiply: MultiplyStored;
  readonly #stopped = new Int32Array(1);
  readonly #packed = new WeakMap<Queries | LeftMatrix, Float32Array>();
  /** Rooms of queries, void once this is disposed of. */
  readonly #rooms: Float32Array[] = [];
  #pending: Pending[] = [];

  constructor(multiply: MultiplyStored, signal: AbortSignal | undefined) {
    this.#multiply = multiply;
    if (signal?.aborted) this.#stop();
    signal?.addEventListener('abort', this.#stop, { once: true });
    this.dispose = () => {
      signal?.removeEventListener('abort', this.#stop);
      for (const room of this.#rooms.splice(0)) giveBack(room);
    };
  }

  readonly dispose: () => void;

  async products(
    queries: Queries,
    parts: readonly LocatedPart[],
    take: (part: LocatedPart, found: Products) => void,
  ): Promise<void> {
    const { count, length } = queries;
    const rowsOf = (part: LocatedPart): number => sizeOf(part.shape) / length;
    const left = this.#pack(queries);
    const work: Work = { kind: 0, columns: length, count, left, right: nothing };
    const answersOf = (part: LocatedPart): number => rowsOf(part) * count;
    await this.#run(work, parts, rowsOf, answersOf, (part, values) =>
      take(part, { values, stride: count }),
    );
  }

  async bilinear(
    f: Queries,
    z: Queries,
    parts: readonly LocatedPart[],
    take: (part: LocatedPart, found: ArrayLike<number>) => void,
  ): Promise<void> {
    const { count, length: rows } = f;
    const columns = z.length;
    const left = this.#packAs(f, rows);
    const work: Work = { kind: 1, columns, count, left, right: this.#pack(z) };
    for (const part of parts) {
      if (!part.memory) continue;
      take(part, await this.#heldBilinear(work, part, rows));
    }
    const stored = parts.filter(({ memory }) => !memory);
    await this.#run(
      work,
      stored,
      () => rows,
      () => count,
      take,
    );
  }

  async images(
    left: LeftMatrix,
    columns: number,
    parts: readonly LocatedPart[],
    take: (part: LocatedPart, image: ArrayLike<number>) => void,
  ): Promise<void> {
    const { rows: count, columns: rows } = left;
    if (count === 0) {
      // A graph without edges asks nothing of a layer over edges.
      for (const part of parts) take(part, nothing);
      return;
    }
    const known = this.#packed.get(left) ?? floatsOf(left.values);
    this.#packed.set(left, known);
    const stride = padded(columns);
    const work: Work = { kind: 2, columns, count, left: known, right: nothing };
    await this.#run(
      work,
      parts,
      () => rows,
      () => count * stride,
      (part, values) => take(part, unpadded(values, count, columns)),
    );
  }

  async combinations(
    factors: Float64Array,
    columns: number,
    parts: readonly LocatedPart[],
    take: (part: LocatedPart, sum: ArrayLike<number>) => void,
  ): Promise<void> {
    const stride = padded(columns);
    let first = 0;
    for (const run of runsOf(
      parts,
      (part) => [part],
      () => stride,
    )) {
      const rows = new Int32Array(run.map(({ shape }) => shape[0] ?? 0));
      const skipped = new Int32Array(rows.length);
      let count = 0;
      for (const [p, own] of rows.entries()) {
        skipped[p] = count;
        count += own;
      }
      const out = new Float64Array(run.length * stride);
      const left = new Float32Array(factors.subarray(first, first + count));
      await this.#add({
        ...{ kind: 2, count: 1, left, right: nothing, rows, skipped, out },
        ...arraysOf(run, columns),
      });
      first += count;
      for (const [p, part] of run.entries()) {
        take(part, out.subarray(p * stride, p * stride + columns));
      }
    }
  }

  async pairs(
    { count, f, z, pixels, positions, taps, bias }: PairQuestions,
    steps: readonly { readonly inputs: LocatedPart; readonly deltas: LocatedPart }[],
    take: (deltas: LocatedPart, answers: Float64Array) => void,
  ): Promise<void> {
    const gram = { pixels, positions, taps, bias: Number(bias) };
    const [left, right] = [this.#pack(f), this.#pack(z)];
    const answersOf = ({ deltas }: { deltas: LocatedPart }): number =>
      count * (deltas.shape[0] ?? 0);
    const partsOf = (step: (typeof steps)[number]) => [step.inputs, step.deltas];
    for (const run of runsOf(steps, partsOf, answersOf)) {
      const out = new Float64Array(run.reduce((sum, step) => sum + answersOf(step), 0));
      const [inputs, deltas] = [run.map((step) => step.inputs), run.map((step) => step.deltas)];
      await this.#add({
        ...{ kind: 4, count, left, right, out, ...gram },
        ...arraysOf(inputs, f.length),
        pair: arraysOf(deltas, z.length),
        rows: new Int32Array(deltas.map(({ shape }) => shape[0] ?? 0)),
      });
      let at = 0;
      for (const step of run) {
        take(step.deltas, out.subarray(at, at + answersOf(step)));
        at += answersOf(step);
      }
    }
  }

  async formed(
    { pixels, positions, taps, bias }: Taps,
    f: readonly Float32Array[],
    z: readonly Float32Array[],
  ): Promise<Queries> {
    const channels = (f[0]?.length ?? 0) / pixels;
    const columns = (z[0]?.length ?? 0) / positions;
    const rows = (taps.length / positions) * channels + Number(bias);
    const stride = padded(rows * columns);
    const made = takeRoom(f.length * stride);
    this.#rooms.push(made);
    await this.#add({
      ...{ kind: 5, count: f.length, codec: 0, block: 0, columns, rows: new Int32Array(0) },
      ...{ values: new Float64Array(0), scales: new Float64Array(0), out: new Float64Array(0) },
      ...{
        left: joined(f),
        right: withPadding(joined(z), columns),
        pixels,
        positions,
        taps,
        bias: Number(bias),
        channels,
        made,
      },
    });
    // The room may have been used before.
    for (let end = stride; end <= made.length; end += stride) {
      made.fill(0, end - stride + rows * columns, end);
    }
    const queries = new Queries(
      f.map((_, k) => made.subarray(k * stride, k * stride + rows * columns)),
    );
    this.#packed.set(queries, made);
    return queries;
  }

  async numbers(part: LocatedPart): Promise<Float32Array> {
    const columns = part.shape.at(-1) ?? 1;
    const rows = sizeOf(part.shape) / columns;
    let found = new Float32Array(0);
    const work: Work = { kind: 3, columns, count: 1, left: nothing, right: nothing };
    await this.#run(
      work,
      [part],
      () => rows,
      () => rows * padded(columns),
      (_, values) => {
        found = new Float32Array(unpadded(values, rows, columns));
      },
    );
    return found;
  }

  held(memory: Float32Array, shape: readonly number[]): LocatedPart {
    const place = { file: 0, values: 0, scales: 0, memory };
    return { step: 0, layer: '', part: 'gradient', shape, codec: 'dense', block: 0, ...place };
  }

  /** One large matrix in memory, sliced by rows so that all threads have a share. */
  async #heldBilinear(work: Work, { memory }: LocatedPart, rows: number): Promise<Float64Array> {
    const { columns, count } = work;
    const each = Math.max(1, Math.floor(heldSlice / columns));
    const firsts = Array.from({ length: Math.ceil(rows / each) }, (_, i) => i * each);
    const out = new Float64Array(firsts.length * count);
    await this.#add({
      ...work,
      ...{ codec: 0, block: 0, memory: memory ?? nothing, out },
      rows: Int32Array.from(firsts, (first) => Math.min(each, rows - first)),
      skipped: Int32Array.from(firsts),
      values: Float64Array.from(firsts, (first) => first * columns * 4),
      scales: new Float64Array(firsts.length),
    });
    const sums = new Float64Array(count);
    for (const [i, value] of out.entries()) sums[i % count] = (sums[i % count] as number) + value;
    return sums;
  }

  /** Adds a job for alike parts, chunk by chunk so that results stay within bounds. */
  async #run(
    work: Work,
    parts: readonly LocatedPart[],
    rowsOf: (part: LocatedPart) => number,
    answersOf: (part: LocatedPart) => number,
    take: (part: LocatedPart, values: Float64Array) => void,
  ): Promise<void> {
    for (const chunk of runsOf(parts, (part) => [part], answersOf)) {
      const out = new Float64Array(chunk.reduce((sum, part) => sum + answersOf(part), 0));
      const rows = new Int32Array(chunk.map(rowsOf));
      await this.#add({ ...work, ...arraysOf(chunk, work.columns), rows, out });
      let at = 0;
      for (const part of chunk) {
        const size = answersOf(part);
        take(part, out.subarray(at, at + size));
        at += size;
      }
    }
  }

  #add(job: StoredJob): Promise<void> {
    return new Promise((done, fail) => {
      if (this.#pending.length === 0) setImmediate(() => this.#flush());
      this.#pending.push({ job, done, fail });
    });
  }

  async #flush(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    try {
      const threads = Math.min(mostThreads, availableParallelism());
      const failed = await this.#multiply(
        pending.map(({ job }) => job),
        threads,
        this.#stopped,
      );
      if (failed !== 0) throw failure(failed);
      for (const { done } of pending) done();
    } catch (error) {
      for (const { fail } of pending) fail(error);
    }
  }

  readonly #stop = (): void => {
    this.#stopped[0] = 1;
  };

  #pack(queries: Queries): Float32Array {
    return this.#packAs(queries, padded(queries.length));
  }

  /** Vectors one after another, `stride` numbers apart. */
  #packAs(queries: Queries, stride: number): Float32Array {
    const known = this.#packed.get(queries);
    if (known) return known;
    const packed = stride === queries.length ? joined(queries.vectors) : apart(queries, stride);
    this.#packed.set(queries, packed);
    return packed;
  }
}

const nothing = new Float32Array(0);

function floatsOf(values: Float32Array | Float64Array): Float32Array {
  return values instanceof Float32Array ? values : new Float32Array(values);
}

/** Vectors as one array: where they lie, if they lie one behind the other. */
function joined(arrays: readonly Float32Array[]): Float32Array {
  const { buffer, byteOffset, byteLength } = arrays[0] ?? nothing;
  const lie = arrays.every(
    (each, k) =>
      each.buffer === buffer &&
      each.byteLength === byteLength &&
      each.byteOffset === byteOffset + k * byteLength,
  );
  if (lie) return new Float32Array(buffer, byteOffset, (arrays.length * byteLength) / 4);
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}

/** Vectors one behind the other, `stride` numbers from one to the next. */
function apart({ vectors, count }: Queries, stride: number): Float32Array {
  const all = new Float32Array(count * stride);
  for (const [k, vector] of vectors.entries()) all.set(vector, k * stride);
  return all;
}

/** Rows of so many numbers with zeros behind each, as `padded` has it. */
function withPadding(rows: Float32Array, columns: number): Float32Array {
  const stride = padded(columns);
  if (stride === columns) return rows;
  const count = rows.length / columns;
  const found = new Float32Array(count * stride);
  for (let r = 0; r < count; r++) {
    found.set(rows.subarray(r * columns, (r + 1) * columns), r * stride);
  }
  return found;
}

function padded(length: number): number {
  return Math.ceil(length / 16) * 16;
}

function unpadded(values: Float64Array, rows: number, columns: number): Float64Array {
  const stride = padded(columns);
  if (stride === columns) return values;
  const found = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    found.set(values.subarray(r * stride, r * stride + columns), r * columns);
  }
  return found;
}

function failure(code: number): DeltascopeError {
  if (code === -2) return cancelledError('engine');
  const reason = code === -1 ? 'a file has ended early' : `the system's error ${code}`;
  return new DeltascopeError('trace-damaged', 'engine', `The trace can't be read: ${reason}.`);
}
