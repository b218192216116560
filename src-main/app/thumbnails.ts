import { encodePng } from '../data/png';
import type { Compute } from './compute-client';

/** Bytes of pictures that are kept. */
export const keptBytes = 64 * 1024 * 1024;

/** Pictures of examples as PNG, the most recently asked for kept in memory. */
export class Thumbnails {
  readonly #compute: Compute;
  readonly #kept = new Map<string, Promise<Buffer>>();
  #bytes = 0;

  constructor(compute: Compute) {
    this.#compute = compute;
  }

  /** Bytes of pictures that are kept now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** One example's picture. */
  png(folder: string, split: 'train' | 'test', index: number): Promise<Buffer> {
    const key = `${split}:${index}:${folder}`;
    const known = this.#kept.get(key);
    if (known) {
      this.#kept.delete(key);
      this.#kept.set(key, known);
      return known;
    }
    const made = this.#make(folder, split, index);
    this.#kept.set(key, made);
    made.then(
      (png) => this.#count(png.length),
      () => this.#kept.delete(key),
    );
    return made;
  }

  async #make(folder: string, split: 'train' | 'test', index: number): Promise<Buffer> {
    const picture = await this.#compute.call('examples.thumbnail', { folder, split, index });
    return Buffer.from(encodePng(picture));
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    for (const [key, oldest] of this.#kept) {
      if (this.#bytes <= keptBytes) return;
      this.#kept.delete(key);
      void oldest.then((png) => {
        this.#bytes -= png.length;
      });
    }
  }
}
