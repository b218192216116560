import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocatedPart, StoredPart } from '../../src-main/engine/records';

/** Parts in a file of their own, as a trace has them: numbers, then scales. */
export class LocatedParts {
  readonly #folder = mkdtempSync(join(tmpdir(), 'deltascope-located-'));
  readonly #file = openSync(join(this.#folder, 'parts'), 'w+');
  /** Something stands before the first part, so that no position is 0. */
  #end = 64;

  put({ step, layer, part, shape, encoded }: Omit<StoredPart, 'data'>): LocatedPart {
    const header = { step, layer, part, shape, file: this.#file };
    const values = this.#write(encoded.values);
    if (encoded.codec === 'dense') {
      return { ...header, codec: 'dense', block: 0, values, scales: this.#end };
    }
    const { codec, block } = encoded;
    return { ...header, codec, block, values, scales: this.#write(encoded.scales) };
  }

  close(): void {
    closeSync(this.#file);
    rmSync(this.#folder, { recursive: true });
  }

  #write(array: ArrayBufferView): number {
    const at = this.#end;
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    writeSync(this.#file, bytes, 0, bytes.length, at);
    this.#end = Math.ceil((at + bytes.length) / 4) * 4;
    return at;
  }
}
