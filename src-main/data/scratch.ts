import { FileFloats, type Floats } from './file-floats';

/** Bytes from which on an array of floats lies in a file rather than in memory. */
export const usualWindow = 2 ** 29;

/** Where the large arrays of an import go until they are stored; `dispose` gives the disk back. */
export class Scratch {
  readonly #files: FileFloats[] = [];

  /** @param window bytes of an array that may be in memory */
  constructor(
    private readonly folder: string,
    private readonly window = usualWindow,
  ) {}

  room(length: number): Floats {
    if (4 * length <= this.window) return new Float32Array(length);
    const file = FileFloats.scratch(this.folder, length);
    this.#files.push(file);
    return file;
  }

  dispose(): void {
    for (const file of this.#files.splice(0)) file.close();
  }
}
