import { FileNumbers, type Floats, type Ints } from './file-numbers';

/** Bytes that the large arrays of a data set take of memory; what is more lies in files. */
export const usualWindow = 2 ** 29;

/** Where the large arrays of an import go until they are stored; `dispose` gives the disk back. */
export class Scratch {
  readonly #files: { close(): void }[] = [];
  #used = 0;

  /** @param window bytes of its arrays that may be in memory, all together */
  constructor(
    private readonly folder: string,
    private readonly window = usualWindow,
  ) {}

  floats(length: number): Floats {
    return this.#fits(length) ? new Float32Array(length) : this.#file('f4', length);
  }

  ints(length: number): Ints {
    return this.#fits(length) ? new Int32Array(length) : this.#file('i4', length);
  }

  dispose(): void {
    for (const file of this.#files.splice(0)) file.close();
  }

  #fits(length: number): boolean {
    const bytes = 4 * length;
    if (this.#used + bytes > this.window) return false;
    this.#used += bytes;
    return true;
  }

  #file<Of extends 'f4' | 'i4'>(kind: Of, length: number): FileNumbers<Of> {
    const file = FileNumbers.scratch(kind, this.folder, length);
    this.#files.push(file);
    return file;
  }
}
