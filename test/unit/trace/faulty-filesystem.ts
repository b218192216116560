import { type FileSystem, nodeFileSystem, type OpenFile } from '../../../src-main/trace/filesystem';

export interface Fault {
  /** Which call fails, counted from 0. */
  readonly at: number;
  readonly code: string;
  /** Write half of the bytes before a write fails, as a full disk does. */
  readonly halfWritten?: boolean;
  /** Let all later calls but `close` fail too: what is to be tidied up after stays, as after a kill. */
  readonly lasts?: boolean;
}

/** The machine's file system, of which one call fails, or all from one on. */
export class FaultyFileSystem implements FileSystem {
  /** Calls made, by name, in their order. */
  readonly calls: string[] = [];
  failed: string | null = null;
  /** Calls of `sync` on a file whose sync has failed before: there must be none. */
  retriedSyncs = 0;

  constructor(private readonly fault: Fault | null) {}

  openForReading = (path: string) => this.#call('open', () => this.#open(path, 'openForReading'));
  create = (path: string) => this.#call('create', () => this.#open(path, 'create'));
  rename = (from: string, to: string) =>
    this.#call('rename', () => nodeFileSystem.rename(from, to));
  remove = (path: string) => this.#call('remove', () => nodeFileSystem.remove(path));
  removeFolder = (path: string) =>
    this.#call('removeFolder', () => nodeFileSystem.removeFolder(path));
  syncFolder = (path: string) => this.#call('syncFolder', () => nodeFileSystem.syncFolder(path));
  makeFolder = (path: string) => this.#call('makeFolder', () => nodeFileSystem.makeFolder(path));
  list = (path: string) => this.#call('list', () => nodeFileSystem.list(path));
  status = (path: string) => this.#call('status', () => nodeFileSystem.status(path));

  async #call<T>(
    name: string,
    work: () => Promise<T>,
    before?: () => Promise<unknown>,
  ): Promise<T> {
    const index = this.calls.push(name) - 1;
    const { at = Number.POSITIVE_INFINITY, lasts = false } = this.fault ?? {};
    if (index === at || (lasts && index > at && name !== 'close')) {
      this.failed ??= name;
      await before?.();
      throw Object.assign(new Error(`injected ${this.fault?.code}`), { code: this.fault?.code });
    }
    return work();
  }

  async #open(path: string, how: 'openForReading' | 'create'): Promise<OpenFile> {
    const file = await nodeFileSystem[how](path);
    let syncFailed = false;
    return {
      read: (target, position) => this.#call('read', () => file.read(target, position)),
      write: (bytes, position) =>
        this.#call(
          'write',
          () => file.write(bytes, position),
          async () => {
            const half = bytes.subarray(0, bytes.byteLength / 2);
            if (this.fault?.halfWritten) await file.write(half, position);
          },
        ),
      sync: async () => {
        if (syncFailed) this.retriedSyncs += 1;
        try {
          await this.#call('sync', () => file.sync());
        } catch (error) {
          syncFailed = true;
          throw error;
        }
      },
      close: () =>
        this.#call(
          'close',
          () => file.close(),
          () => file.close(),
        ),
    };
  }
}
