import type { EncodedArray, PartStorage, RecordMemory } from '../records';
import { emptyQuantised, type Quantised } from './quantisation';

/** Room that the numbers of a step are read into, part by part. */
export interface RecordRooms {
  begin(): void;
  /**
   * Arrays for so many numbers of a part, to be written over; null where there are none and the
   * reader had better make its own.
   */
  of(key: string, storage: PartStorage, count: number): EncodedArray | null;
}

/** Arrays of the trainer's own, which each step writes over. */
export class OwnRooms implements RecordRooms {
  private readonly arrays = new Map<string, Quantised & { readonly count: number }>();

  begin(): void {}

  of(key: string, { codec, block }: PartStorage, count: number): EncodedArray | null {
    // The runtime gives fp32 in an array of its own.
    if (codec === 'dense') return null;
    const known = this.arrays.get(key);
    if (known?.count === count && known.codec === codec && known.block === block) return known;
    const made = { ...emptyQuantised(codec, count, block), count };
    this.arrays.set(key, made);
    return made;
  }
}

/** Arrays in the memory of the sink that takes the steps. */
export class SharedRooms implements RecordRooms {
  constructor(private readonly memory: RecordMemory) {}

  begin(): void {
    this.memory.begin();
  }

  of(_key: string, { codec, block }: PartStorage, count: number): EncodedArray | null {
    if (codec !== 'dense') {
      return emptyQuantised(codec, count, block, (bytes) => this.memory.take(bytes));
    }
    const place = this.memory.take(4 * count);
    return place && { codec, values: new Float32Array(place.buffer, place.offset, count) };
  }
}
