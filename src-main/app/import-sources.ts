import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import type { ChosenSource } from '../../src-shared/contract/imports';
import { DeltascopeError } from '../../src-shared/errors';

/** Sources kept in mind; the window shows one at a time. */
const most = 16;

/** Files and folders that the auditor chose or dropped, by ids that the window can pass on. */
export class ImportSources {
  readonly #paths = new Map<string, string>();

  add(path: string): ChosenSource {
    const source = randomBytes(8).toString('hex');
    this.#paths.set(source, path);
    const [oldest] = this.#paths.keys();
    if (this.#paths.size > most && oldest !== undefined) this.#paths.delete(oldest);
    return { source, name: basename(path) };
  }

  /** @throws `request-invalid` for what was never chosen */
  pathOf(source: string): string {
    const path = this.#paths.get(source);
    if (path !== undefined) return path;
    const message = 'This source is not known any more; choose it again.';
    throw new DeltascopeError('request-invalid', 'app', message);
  }
}
