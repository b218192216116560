import type { ResolvedNode } from '../../../src-shared/model/resolved';
import { Random } from '../../../src-shared/random';
import type { EncodedArray, LayerStorage, RecordPart, RecordSource, TracedLayer } from '../records';
import { difference, inner } from './gamma-error';
import { type StepPart, sampledParts, sampledSteps, wholesOf } from './sampled-parts';

/** Multiplications that are worth it for a layer's error; at least four steps are looked at. */
const mostWork = 1.5e8;

/** What is asked of a layer. */
export interface RoundingQuestion {
  readonly layer: TracedLayer;
  readonly node: ResolvedNode;
  readonly storage: LayerStorage;
  readonly source: RecordSource;
  /** Q of some examples, flattened as the layer's matrix is. */
  readonly queries: readonly Float32Array[];
}

/**
 * The relative error of γ that storing has left in a recorded run: over steps from all of it,
 *
 *   max over queries q of √(Σ_t ⟨Q_q, e_t⟩² / Σ_t ⟨Q_q, ĝ_t⟩²),
 *
 * with e_t drawn anew for the numbers as they are stored: a number whose scale is s misses by a number
 * drawn evenly from ±s/2, as rounding does to one that is spread over many scales, independently of all
 * others; parts that are carried on miss by this step's rounding and the last one's. An error of the
 * ghosts' part counts against the larger γ of the two. Where parts nearly cancel in γ, as the batch's and
 * the ghosts' do, the error that it has against its own size is as large as it is.
 *
 * @returns 0 where nothing is rounded, or more was left out than was rounded (few directions)
 */
export async function roundingError(question: RoundingQuestion): Promise<number> {
  const { layer, node, storage, source, queries } = question;
  const isRounded = storage.parts.some(({ codec }) => codec !== 'dense');
  if (!isRounded || storage.rank !== undefined || queries.length === 0) return 0;
  const work = layer.rows * layer.columns * queries.length;
  const most = Math.max(4, Math.min(sampledSteps, Math.floor(mostWork / work)));
  const random = Random.seeded(0, layer.name);
  const sums = queries.map(() => ({ gamma: 0, ghost: 0, missed: 0, missedGhost: 0 }));
  for await (const step of sampledParts(layer, storage, source, most)) {
    const stored = wholesOf(layer, node, step);
    const blurred = wholesOf(layer, node, { ...step, parts: blurredParts(step.parts, random) });
    if (!stored || !blurred) continue;
    for (const [q, query] of queries.entries()) {
      const sum = sums[q] as (typeof sums)[number];
      sum.gamma += inner(query, stored.gradient) ** 2;
      sum.missed += difference(query, blurred.gradient, stored.gradient) ** 2;
      if (!stored.ghost || !blurred.ghost) continue;
      sum.ghost += inner(query, stored.ghost) ** 2;
      sum.missedGhost += difference(query, blurred.ghost, stored.ghost) ** 2;
    }
  }
  const errors = sums.flatMap(({ gamma, ghost, missed, missedGhost }) => [
    relative(missed, gamma),
    relative(missedGhost, Math.max(gamma, ghost)),
  ]);
  return Math.max(...errors);
}

/** √(Σ error² / Σ γ²), of which γ̂² = γ² + error² is known; about 3 where hardly anything but error is left. */
function relative(missed: number, stored: number): number {
  if (missed === 0 || stored === 0) return 0;
  return Math.sqrt(missed / Math.max(stored - missed, stored / 10));
}

function blurredParts(
  parts: ReadonlyMap<string, StepPart>,
  random: Random,
): ReadonlyMap<string, StepPart> {
  return new Map(
    [...parts].map(([part, each]) => [
      part,
      { ...each, data: blurred(each.data, each.encoded, isCarried(part as RecordPart), random) },
    ]),
  );
}

/** Parts that hold what the last step left over. */
function isCarried(part: RecordPart): boolean {
  return part === 'gradient' || part === 'ghost' || part === 'update';
}

/** Numbers as they may have been before they were rounded. */
function blurred(
  data: Float32Array,
  encoded: EncodedArray,
  carried: boolean,
  random: Random,
): Float32Array {
  if (encoded.codec === 'dense') return data;
  const { scales, block } = encoded;
  return data.map((value, i) => {
    const off = carried ? random.uint32() - random.uint32() : random.uint32() - 2 ** 31;
    return value + off * 2 ** -32 * (scales[Math.floor(i / block)] as number);
  });
}
