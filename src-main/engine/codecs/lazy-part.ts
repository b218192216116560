import { sizeOf } from '../../../src-shared/model/resolved';
import type { EncodedArray, RecordPart, StoredPart } from '../records';
import { decode } from './storage';

/** A part as it is handed out: decoded only for those who ask. */
export class LazyPart implements StoredPart {
  #data: Float32Array | null = null;

  constructor(
    readonly step: number,
    readonly layer: string,
    readonly part: RecordPart,
    readonly shape: readonly number[],
    readonly encoded: EncodedArray,
  ) {}

  get data(): Float32Array {
    this.#data ??= decode(this.encoded, sizeOf(this.shape));
    return this.#data;
  }
}
