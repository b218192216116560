/** Arrays X of one layer, one a part, as they are stored. */
export interface StoredArrays {
  /** 0: fp32; 1: int8; 2: int16; 3: int4. */
  readonly codec: number;
  readonly block: number;
  readonly columns: number;
  /** Descriptors, one a part, and where its numbers and its scales begin, in bytes. */
  readonly files?: Int32Array;
  readonly values: Float64Array;
  readonly scales: Float64Array;
}

/**
 * One layer's parts X [rows, columns], and what they are multiplied by. Vectors and rows of results are
 * padded to multiples of 16 numbers where `padded` says so.
 */
export interface StoredJob extends StoredArrays {
  /**
   * 0: X Q; 1: f X z; 2: P X [count, padded columns]; 3: X itself [rows, padded columns]; 4: pairs;
   * 5: no parts, Q = Pᵀ Z itself.
   */
  readonly kind: 0 | 1 | 2 | 3 | 4 | 5;
  /** Of queries; rows of P; questions to pairs. */
  readonly count: number;
  /** Of a part; examples of a pair. */
  readonly rows: Int32Array;
  /** In place of files. */
  readonly memory?: Float32Array;
  /** Rows of f, or of P's columns, before a part's first. */
  readonly skipped?: Int32Array;
  /**
   * Q [count, padded columns], f or P [count, rows]; of pairs f [pixels, count, padded columns]; of a Q
   * to be formed f [count, pixels, channels].
   */
  readonly left: Float32Array;
  /** z [count, padded columns]; of pairs [positions, count, padded columns of D]; of a Q [count, positions, padded columns]. */
  readonly right: Float32Array;
  /** Zeros; part after part. Of a pair [count, rows]. */
  readonly out: Float64Array;
  /** The D of pairs whose X the job's own arrays are. */
  readonly pair?: StoredArrays;
  /** Of an example in X and D, and the pixel under each tap [positions, taps], −1 where there is none. */
  readonly pixels?: number;
  readonly positions?: number;
  readonly taps?: Int32Array;
  /** Of a pixel of f, for a Q to be formed. */
  readonly channels?: number;
  /** Where Q is put [count, padded rows · columns]. */
  readonly made?: Float32Array;
  /** 1 where a bias is one more tap, under which there is always a 1. */
  readonly bias?: number;
}

/**
 * Does all jobs on so many threads; resolves to 0, an errno, −1 where a file ends early or −2 once
 * `stopped` holds something else than 0.
 */
export type MultiplyStored = (
  jobs: readonly StoredJob[],
  threads: number,
  stopped: Int32Array,
) => Promise<number>;
