import { encodePng } from '../data/png';
import type { Compute } from './compute-client';
import { RecentBytes } from './recent-bytes';

/** Bytes of pictures that are kept. */
export const keptBytes = 512e6;

/** Pictures of examples as PNG, the most recently asked for kept in memory. */
export class Thumbnails {
  readonly #compute: Compute;
  readonly #kept = new RecentBytes(keptBytes);

  constructor(compute: Compute) {
    this.#compute = compute;
  }

  /** Bytes of pictures that are kept now. */
  get bytes(): number {
    return this.#kept.bytes;
  }

  /** One example's picture. */
  png(folder: string, split: 'train' | 'test', index: number): Promise<Buffer> {
    return this.#kept.get(`${split}:${index}:${folder}`, async () => {
      const picture = await this.#compute.call('examples.thumbnail', { folder, split, index });
      return Buffer.from(encodePng(picture));
    });
  }
}
