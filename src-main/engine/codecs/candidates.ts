import { type ResolvedNode, sizeOf } from '../../../src-shared/model/resolved';
import type { CodecSetting } from '../../../src-shared/recipe/recipe';
import { isFullyConnected } from '../layers/linear';
import type { NumberCodec, PartStorage, RecordPart, TracedLayer } from '../records';
import { lowRankStorage } from './encode-low-rank';
import { blockFor } from './quantisation';
import { encodedBytes, partStorage } from './storage';

/** What of a record is approximated, and how: what an error is measured of. */
export type Approximation =
  | { readonly of: 'gradient'; readonly codec: 'int16' | 'int8' | 'int4' }
  | { readonly of: 'factors'; readonly codec: 'int16' | 'int8' }
  | { readonly of: 'lowRank'; readonly codec: 'int16'; readonly rank: number };

/** Names an approximation: two of the same name are the same. */
export function nameOf(by: Approximation): string {
  return by.of === 'lowRank' ? `${by.of} ${by.codec} ${by.rank}` : `${by.of} ${by.codec}`;
}

/** The approximations of some candidates, each once. */
export function approximationsOf(candidates: readonly Candidate[]): Approximation[] {
  const all = candidates.flatMap(({ approximations }) => approximations);
  return [...new Map(all.map((each) => [nameOf(each), each])).values()];
}

/** One way to store a layer. */
export interface Candidate {
  readonly parts: readonly PartStorage[];
  readonly approximations: readonly Approximation[];
  /** Directions that are kept, where it is of low rank. */
  readonly rank?: number;
  /** Bytes of a step of the usual size. */
  readonly bytes: number;
}

/** A layer with what its storage depends on. */
export interface StorableLayer {
  readonly layer: TracedLayer;
  /** Shapes of X and D over all rows that gradients flow to, in a step of the usual size. */
  readonly inputs: readonly number[];
  readonly deltas: readonly number[];
  /** The parts that are recorded where nothing is packed. */
  readonly kept: readonly RecordPart[];
  /** Examples of such a step where each has several rows (nodes, edges); null where it has one. */
  readonly examples: number | null;
  /** Null: not to be stored as few directions. */
  readonly lowRank: LowRankTerms | null;
}

/** On what terms a layer may be stored as few directions of its gradient. */
export interface LowRankTerms {
  /** Whether the ghosts' part is to be told. */
  readonly ghosts: boolean;
  /** How many times smaller than any other way it has to be. */
  readonly worthwhile: number;
}

/**
 * The terms for a layer of a run that keeps such parts where nothing is packed. Null where it is not
 * fully connected, where an example's own part is kept, which few directions don't tell, or where
 * updates are, which have no few directions.
 */
export function lowRankTerms(
  node: ResolvedNode,
  recorded: readonly RecordPart[],
  worthwhile: number,
): LowRankTerms | null {
  const areWhole = recorded.every((part) => part === 'gradient' || part === 'ghost');
  return areWhole && isFullyConnected(node)
    ? { ghosts: recorded.includes('ghost'), worthwhile }
    : null;
}

/** Ranks that are tried, as parts of the largest that is worth it: each takes a factorisation a step. */
const triedRanks = [0.3, 0.45, 0.6, 0.8, 1] as const;
/** Making more directions orthonormal takes longer than a step of training. */
const mostRank = 128;

/** Layers with fewer weights stay fp32: little is saved, and the error of few numbers is large. */
const fewestWeights = 4096;

/**
 * The gradient of a layer of many rows an example, such as a convolution, rebuilt from its factors
 * takes longer to explain than one that is stored, so where speed comes first the factors have to be
 * so many times smaller.
 */
const worthwhile = 4;

/** Layers whose X are numbers of rows, not to be approximated. */
const lookups: readonly string[] = ['Embedding', 'PositionEmbedding'];

/** Whether an example owns one row of X and D, so that γ follows from them without Xᵀ D. */
function hasOneRow({ layer, inputs }: StorableLayer): boolean {
  return layer.kind === 'Dense' && inputs.length === 2;
}

/**
 * The ways to store a layer, the smallest first. The last resort, everything in fp32, is among them.
 */
export function candidatesFor(storable: StorableLayer, setting: CodecSetting): Candidate[] {
  const { layer, kept } = storable;
  const own = withOwnGradients(storable);
  const [dense] = [storable, ...own]
    .map((each) => allParts(each, 'dense', 'dense'))
    .sort((one, other) => one.bytes - other.bytes) as [Candidate];
  if (setting === 'dense' || layer.rows * layer.columns < fewestWeights) return [dense];
  const ways = kept.includes('inputs')
    ? withExamples(storable, setting)
    : withoutExamples(storable, setting);
  const ofExamples = own.flatMap((each) => [
    allParts(each, 'int8', 'dense'),
    allParts(each, 'int16', 'dense'),
  ]);
  const found = lookups.includes(layer.kind) ? ways.filter(keepsFactors) : ways;
  return [...found, ...lowRankWays(storable, found), ...ofExamples, dense].sort(
    (one, other) => one.bytes - other.bytes,
  );
}

/** The same layer with each example's own gradient in place of its rows of X and D. */
function withOwnGradients(storable: StorableLayer): StorableLayer[] {
  const { kept, examples } = storable;
  if (examples === null || !kept.includes('inputs')) return [];
  const others = kept.filter((part) => part !== 'inputs' && part !== 'deltas');
  return [{ ...storable, kept: [...others, 'examples'] }];
}

function keepsFactors({ approximations }: Candidate): boolean {
  return approximations.every((each) => each.of !== 'factors');
}

/** Where each example's part is kept, X and D are there anyway; the question is the gradient. */
function withExamples(storable: StorableLayer, setting: CodecSetting): Candidate[] {
  const factors = [factorParts(storable, 'int16'), factorParts(storable, 'dense')];
  if (hasOneRow(storable) || setting === 'compact') return factors;
  return (['int8', 'int16'] as const).flatMap((gradient) => [
    allParts(storable, gradient, 'int16'),
    allParts(storable, gradient, 'dense'),
  ]);
}

function withoutExamples(storable: StorableLayer, setting: CodecSetting): Candidate[] {
  const isCompact = setting === 'compact';
  const isFine = hasOwnScales(storable);
  const gradient = allParts(storable, isFine ? 'int8' : 'int16', 'dense');
  const found = [gradient, allParts(storable, 'int16', 'dense')];
  if (isCompact && isFine) found.push(allParts(storable, 'int4', 'dense'));
  // A run whose rows have not been kept can't be packed into them.
  if ((storable.inputs[0] ?? 0) === 0) return found;
  const isDense = hasOneRow(storable);
  const factors = factorParts(storable, 'int16');
  if (isDense) found.push(factors, factorParts(storable, 'dense'));
  else if (isCompact || factors.bytes * worthwhile <= gradient.bytes) found.push(factors);
  // 8-bit factors of a convolution lose far too much under batch normalisation.
  if (isCompact && isFine && isDense) found.push(factorParts(storable, 'int8'));
  return found;
}

/**
 * A dense layer as few directions of its gradient, where that is much smaller than the other ways. With
 * 16 bits: the first directions hold most of a gradient, and rounding errors of single vectors don't
 * average out as those of a matrix or of many rows do. 8 bits left 2 % of γ.
 */
function lowRankWays(storable: StorableLayer, others: readonly Candidate[]): Candidate[] {
  const { layer, lowRank } = storable;
  if (!lowRank) return [];
  const parts = lowRankStorage(layer, lowRank.ghosts);
  const bytesOf = (rank: number): number =>
    parts.reduce((sum, each) => {
      const length = each.part === 'basis' ? layer.rows : layer.columns;
      return sum + encodedBytes(each, rank * length);
    }, 0);
  // 4 bits are hardly ever enough.
  const usual = others.filter(({ parts: [first] }) => first?.codec !== 'int4');
  const most = Math.min(...usual.map(({ bytes }) => bytes)) / lowRank.worthwhile;
  const largest = Math.min(mostRank, most / bytesOf(1));
  const tried = triedRanks.map((share) => 4 * Math.floor((share * largest) / 4));
  return [...new Set(tried)]
    .filter((rank) => rank > 0)
    .map((rank) => ({
      ...{ parts, rank, bytes: bytesOf(rank) },
      approximations: [{ of: 'lowRank', codec: 'int16', rank }],
    }));
}

/**
 * Whether rows of the gradient and of D have scales of their own. At an output layer of few classes
 * they don't, and one class' large numbers drown those of the others in 8 bits. The first steps, when
 * all classes are as wrong, don't show it: 100 steps of VGG-16 left 6 % of the logits over.
 */
function hasOwnScales({ layer: { columns } }: StorableLayer): boolean {
  return columns % blockFor('int8', columns) === 0;
}

function allParts(
  storable: StorableLayer,
  gradient: NumberCodec,
  factors: 'dense' | 'int16',
): Candidate {
  return candidate(storable, storable.kept, { gradient, factors });
}

function factorParts(storable: StorableLayer, factors: 'dense' | 'int16' | 'int8'): Candidate {
  return candidate(storable, ['inputs', 'deltas'], { gradient: 'dense', factors });
}

function candidate(
  storable: StorableLayer,
  parts: readonly RecordPart[],
  codecs: { gradient: NumberCodec; factors: 'dense' | 'int16' | 'int8' },
): Candidate {
  const { rows, columns } = storable.layer;
  const approximations = new Map<string, Approximation>();
  let bytes = 0;
  const stored = parts.map((part): PartStorage => {
    const isFactor = part === 'inputs' || part === 'deltas';
    const codec: NumberCodec = isFactor ? codecs.factors : codecOf(part, codecs.gradient);
    const count = part === 'examples' ? (storable.examples ?? 0) : 1;
    const shape = isFactor ? storable[part] : [count, rows * columns];
    const length = sizeOf(shape.slice(1));
    const made = partStorage(part, codec, length);
    bytes += encodedBytes(made, (shape[0] ?? 0) * length);
    if (isFactor && codecs.factors !== 'dense') {
      approximations.set('factors', { of: 'factors', codec: codecs.factors });
    }
    if (!isFactor && codec !== 'dense') {
      approximations.set(`gradient ${codec}`, { of: 'gradient', codec });
    }
    return made;
  });
  return { parts: stored, approximations: [...approximations.values()], bytes };
}

/** The gradients of single examples are compared with each other, so they are kept more exactly. */
function codecOf(part: RecordPart, gradient: NumberCodec): NumberCodec {
  return part === 'examples' && gradient !== 'dense' ? 'int16' : gradient;
}
