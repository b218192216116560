import type { ImportPreview, ImportRequest } from '../../src-shared/contract/imports';
import type { CallContext } from '../../src-shared/contract/rpc';
import { cancelledError, DeltascopeError } from '../../src-shared/errors';
import { StagedImport } from '../data/imports/staged-import';

/** The import that has been previewed and waits to be kept or dropped: one at a time. */
export class WaitingImport {
  #staged: StagedImport | null = null;

  /** Reads a source; what waited before is dropped. */
  async read(request: ImportRequest, context: CallContext): Promise<ImportPreview> {
    await this.#forget();
    const staged = await StagedImport.read(request, context);
    if (context.signal.aborted) {
      await staged.drop();
      throw cancelledError('worker');
    }
    // A second one may have been read meanwhile.
    await this.#forget();
    this.#staged = staged;
    return staged.preview;
  }

  /** @throws `request-invalid`, `data-exists`: it then still waits */
  async keep(id: string, name: string): Promise<void> {
    await this.#waiting(id).keep(name);
    this.#staged = null;
  }

  async drop(id: string): Promise<void> {
    if (this.#staged?.preview.id === id) await this.#forget();
  }

  #waiting(id: string): StagedImport {
    if (this.#staged?.preview.id === id) return this.#staged;
    const message = 'This import does not wait any more; read the source again.';
    throw new DeltascopeError('request-invalid', 'worker', message);
  }

  async #forget(): Promise<void> {
    const staged = this.#staged;
    this.#staged = null;
    await staged?.drop();
  }
}
