import type { TracedKind } from '../../src-shared/model/resolved';

/**
 * The records that pass between training, the trace and the explanation. The engine defines them
 * and the trace implements them, so that neither knows how the other works.
 */

/** A linear map of the network whose gradients are recorded. */
export interface TracedLayer {
  readonly name: string;
  readonly kind: TracedKind;
  /** Rows of the flattened kernel [in, out]; the bias, where there is one, is the last row. */
  readonly rows: number;
  readonly columns: number;
  readonly bias: boolean;
}

/**
 * What a step keeps of a layer:
 * `gradient` g_t [rows, columns], ghosts included; `ghost` the ghost samples' part of it, only where
 * gradients flow to them; `inputs` X and `deltas` D (the batch's rows, then, where gradients flow to
 * them, the ghosts'), where each example's part is kept, or in place of `gradient` and `ghost` where
 * the factors of g = Xᵀ D are the smaller record; `rows` in place of `inputs` where an example's row of X is the
 * same in every step: the rows of the examples, then of the ghosts, that no earlier step has taken, each once,
 * and no such part where there are none; `examples` x_iᵀ d_i of each example of the batch
 * [n, rows, columns] in place of `inputs` and `deltas`, where an example has so many rows that its own
 * gradient is the smaller record; `update` Δ_t [rows, columns] in place of all of
 * them, where the optimizer is none that updates follow linearly of gradients from (Adam, SAM);
 * `basis` B [rank, rows] and `coordinates` C [rank, columns] in place of `gradient`, g ≈ Bᵀ C of few
 * directions, with `ghostCoordinates` G in place of `ghost`, which is Bᵀ G.
 */
export const recordParts = [
  ...(['gradient', 'ghost', 'inputs', 'rows', 'deltas', 'examples', 'update'] as const),
  ...(['basis', 'coordinates', 'ghostCoordinates'] as const),
] as const;

export type RecordPart = (typeof recordParts)[number];

export interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** One part of one layer in one step. */
export interface PartRecord {
  readonly layer: string;
  readonly part: RecordPart;
  readonly shape: readonly number[];
  /** The numbers; where they are quantised already, what they decode to. */
  readonly data: Float32Array;
  /** Given where they have been quantised before they left the tensor runtime. */
  readonly encoded?: EncodedArray;
}

/** What one step leaves behind. */
export interface StepRecord {
  readonly step: number;
  readonly epoch: number;
  /** Class of the batch; −1 where it mixes classes. */
  readonly label: number;
  /** Indices in the training split, before `limit`. */
  readonly examples: Int32Array;
  readonly ghosts: Int32Array;
  readonly learningRate: number;
  /** Mean loss over the batch without its ghosts, before the update. */
  readonly loss: number;
  /** Share of the batch predicted rightly before the update, ghosts left out. */
  readonly accuracy: number;
  readonly parts: readonly PartRecord[];
  /** Untraced state after the step (batch norm's gamma, beta, moving statistics), as exported. */
  readonly sideState: readonly NamedArray[];
}

/** All that is needed to go on with a training, besides the recipe and the data. */
export interface TrainingState {
  /** Steps done. */
  readonly step: number;
  /** Small and JSON: the sampler's place and its random state. */
  readonly sampler: unknown;
  /**
   * Weights under the export's names, and the optimizer's under `optimizer/…`; null after a training
   * that diverged, whose weights are no numbers to go on from.
   */
  readonly tensors: (() => readonly NamedArray[]) | null;
  /** What recording carries on from step to step; no part of the network, and not of the final weights. */
  readonly carried?: () => readonly NamedArray[];
}

/** Shared memory for the numbers of steps, which a step is read into at once. */
export interface RecordMemory {
  /** Begins a step: what an earlier one took and was never handed on is free again. */
  begin(): void;
  /** A place for so many bytes, aligned for any kind of number; null where there is none. */
  take(bytes: number): RecordPlace | null;
}

export interface RecordPlace {
  readonly buffer: SharedArrayBuffer;
  /** Bytes. */
  readonly offset: number;
}

/** Where a training writes its records to. */
export interface RecordSink {
  /** Where it likes a step's numbers to lie; absent: anywhere. */
  readonly memory?: RecordMemory;

  /** Takes a step; resolves when the next one may come (back-pressure). */
  append(record: StepRecord): Promise<void>;
  /** Whether enough has come together since the last commit. */
  readonly commitDue: boolean;
  /**
   * Makes all steps so far durable together with the state after them. What it needs of `state` it
   * takes before it first yields; resolves when the disk has it.
   */
  commit(state: TrainingState): Promise<void>;
  /** Steps that would survive a crash now. */
  readonly committedSteps: number;
  readonly bytesWritten: number;
}

/**
 * Numbers as they lie in the trace. Quantised ones are blocks along the flattened array: number i is
 * values[i] · scales[⌊i / block⌋]; int4 packs two to a byte, the first in the low half.
 */
export type EncodedArray =
  | { readonly codec: 'dense'; readonly values: Float32Array }
  | {
      readonly codec: 'int8' | 'int16' | 'int4';
      readonly values: Int8Array | Int16Array | Uint8Array;
      readonly scales: Float32Array;
      readonly block: number;
    };

/** `dense` is fp32, nothing lost. */
export type NumberCodec = EncodedArray['codec'];

/** As what one part of a layer is stored, in every step of a run. */
export interface PartStorage {
  readonly part: RecordPart;
  readonly codec: NumberCodec;
  /** Numbers that share a scale; 0 for `dense`. */
  readonly block: number;
}

/**
 * How a layer is stored: `gradient` and perhaps `ghost`, or `inputs` (or `rows`) and `deltas` in their place, or
 * all of them where each example's part is kept of a layer whose factors are the larger record, or
 * `basis` and `coordinates`, perhaps with `ghostCoordinates`.
 */
export interface LayerStorage {
  readonly layer: string;
  readonly parts: readonly PartStorage[];
  /** Directions that are kept of a gradient, where it is stored so. */
  readonly rank?: number | undefined;
  /** Relative error of γ, ‖γ̂ − γ‖ / ‖γ‖ over steps, at the worst of sample queries; 0 for fp32. */
  readonly errorBound: number;
}

/** What a part of a step is, wherever its numbers are. */
export interface PartHeader {
  readonly step: number;
  readonly layer: string;
  readonly part: RecordPart;
  readonly shape: readonly number[];
}

/** A stored part that has been read: valid until the scan's next batch. */
export interface StoredPart extends PartHeader {
  readonly encoded: EncodedArray;
  /** Decoded when it is first asked for; where nothing is quantised, the stored numbers themselves. */
  readonly data: Float32Array;
}

/** A stored part that has been checked and not been read: its file is open until the next window. */
export interface LocatedPart extends PartHeader {
  readonly codec: NumberCodec;
  /** Numbers that share a scale; 0 where there are none. */
  readonly block: number;
  /** Descriptor of the file. */
  readonly file: number;
  /** Where the numbers begin, in bytes. */
  readonly values: number;
  /** Where the scales begin. */
  readonly scales: number;
  /** The numbers, where they lie in memory instead. */
  readonly memory?: Float32Array;
}

export interface ScanQuery {
  readonly layers: readonly string[];
  readonly parts: readonly RecordPart[];
  /** First step. Default 0. */
  readonly from?: number;
  /** Step after the last. Default: all. */
  readonly to?: number;
  /** Gives the memory to read into; two slots take turns. Default: memory of the reader's own. */
  readonly buffer?: (slot: number, bytes: number) => Uint8Array;
  readonly signal?: AbortSignal;
}

/** The columns of the step table, one entry a step. */
export interface StepTable {
  readonly count: number;
  readonly label: Int32Array;
  readonly epoch: Int32Array;
  readonly learningRate: Float64Array;
  readonly loss: Float64Array;
  readonly accuracy: Float64Array;
}

/** Which examples a step took: indices in the training split. */
export interface StepExamples {
  readonly step: number;
  readonly examples: Int32Array;
  readonly ghosts: Int32Array;
}

/** A trace as the explanation reads it. */
export interface RecordSource {
  readonly layers: readonly TracedLayer[];
  /** Which parts a step holds, of whichever layer. */
  readonly parts: readonly RecordPart[];
  /** How each traced layer is stored. */
  readonly storage: ReadonlyMap<string, LayerStorage>;
  readonly steps: StepTable;
  /** The examples and ghosts of all steps in turn. */
  allExamples(): Iterable<StepExamples>;
  /**
   * Streams stored parts in the order of the files (steps ascending), several at a time; every byte
   * is checked against its checksum before it is handed on.
   */
  scan(query: ScanQuery): AsyncIterable<readonly StoredPart[]>;
  /**
   * The same in larger windows of whole steps, for those who read the files themselves. Absent, or null, where the
   * files can't be read so.
   */
  locate?(query: ScanQuery): AsyncIterable<readonly LocatedPart[]> | null;
  /** Weights under the export's names: at the start, and after the last step. */
  weights(at: 'initial' | 'final'): Promise<readonly NamedArray[]>;
}
