/**
 * One layer's parts X [rows, columns], and what they are multiplied by. Vectors and rows of results are
 * padded to multiples of 16 numbers where `padded` says so.
 */
export interface StoredJob {
  /** 0: X Q; 1: f X z; 2: P X [count, padded columns]; 3: X itself [rows, padded columns]. */
  readonly kind: 0 | 1 | 2 | 3;
  /** 0: fp32; 1: int8; 2: int16; 3: int4. */
  readonly codec: number;
  readonly block: number;
  readonly columns: number;
  /** Of queries; rows of P. */
  readonly count: number;
  readonly rows: Int32Array;
  /** Descriptors, one a part, and where its numbers and its scales begin, in bytes. */
  readonly files?: Int32Array;
  readonly values: Float64Array;
  readonly scales: Float64Array;
  /** In place of files. */
  readonly memory?: Float32Array;
  /** Rows of f before a part's first. */
  readonly skipped?: Int32Array;
  /** Q [count, padded columns], f or P [count, rows]. */
  readonly left: Float32Array;
  /** z [count, padded columns]. */
  readonly right: Float32Array;
  /** Zeros; part after part. */
  readonly out: Float64Array;
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
