import type { LocatedPart, NumberCodec } from '../records';
import type { StoredArrays, StoredJob } from './stored-job';

/** Their places are the binding's numbers for them. */
const codecs: readonly NumberCodec[] = ['dense', 'int8', 'int16', 'int4'];
/** Numbers of results that are waited for at a time: 64 MB. */
const mostResults = 8 * 1024 * 1024;

/** Where parts that are stored alike lie. */
export function arraysOf(
  parts: readonly LocatedPart[],
  columns: number,
): StoredArrays & Pick<StoredJob, 'memory'> {
  const [{ codec, block, memory }] = parts as [LocatedPart];
  return {
    ...{ codec: codecs.indexOf(codec), block, columns },
    ...(memory ? { memory } : { files: new Int32Array(parts.map(({ file }) => file)) }),
    values: new Float64Array(parts.map(({ values }) => values)),
    scales: new Float64Array(parts.map(({ scales }) => scales)),
  };
}

/**
 * Runs of parts, or of pairs of them, that are stored alike, their results within `mostResults` unless
 * one alone is more.
 */
export function* runsOf<T>(
  items: readonly T[],
  partsOf: (item: T) => readonly LocatedPart[],
  sizeOf: (item: T) => number,
): Iterable<readonly T[]> {
  let run: T[] = [];
  let size = 0;
  for (const item of items) {
    const parts = partsOf(item);
    const [first] = run;
    const alike = first && partsOf(first).every((part, i) => isAlike(part, parts[i]));
    if (first && (!alike || size + sizeOf(item) > mostResults)) {
      yield run;
      run = [];
      size = 0;
    }
    run.push(item);
    size += sizeOf(item);
  }
  if (run.length > 0) yield run;
}

function isAlike(one: LocatedPart, other: LocatedPart | undefined): boolean {
  return one.codec === other?.codec && one.block === other.block && !one.memory && !other.memory;
}
