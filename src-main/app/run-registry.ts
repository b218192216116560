import { createHash } from 'node:crypto';
import { mkdir, readdir, realpath } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import * as v from 'valibot';
import { DeltascopeError } from '../../src-shared/errors';
import { readJson, writeJson } from './json-file';

const entrySchema = v.object({ folder: v.string(), openedAt: v.string() });
const fileSchema = v.object({ version: v.literal(1), runs: v.array(entrySchema) });

export interface RegisteredRun {
  /** Opaque: the window names runs by it and learns no path. */
  readonly id: string;
  readonly folder: string;
}

/**
 * The run folders that this user knows, in one JSON file. An id is derived from the folder, so the
 * same folder keeps its id; only folders that were registered can be reached by an id.
 */
export class RunRegistry {
  readonly #file: string | null;
  readonly #runsFolder: string;
  #runs = new Map<string, { folder: string; openedAt: string }>();

  private constructor(file: string | null, runsFolder: string) {
    this.#file = file;
    this.#runsFolder = runsFolder;
  }

  /** Reads the registry; without a file nothing is kept; a file that can't be read counts as empty, runs are found again by opening. */
  static async open(file: string | null, runsFolder: string): Promise<RunRegistry> {
    const registry = new RunRegistry(file, runsFolder);
    if (file === null) return registry;
    const parsed = v.safeParse(fileSchema, await readJson(file));
    for (const entry of parsed.success ? parsed.output.runs : []) {
      registry.#runs.set(idOf(entry.folder), entry);
    }
    return registry;
  }

  /** Most recently added first. */
  list(): RegisteredRun[] {
    return [...this.#runs].map(([id, { folder }]) => ({ id, folder })).reverse();
  }

  /** The folder behind an id. */
  folderOf(id: string): string {
    const entry = this.#runs.get(id);
    if (!entry) {
      throw new DeltascopeError(
        'run-missing',
        'app',
        'This run is no longer on the list. Open its folder again.',
      );
    }
    return entry.folder;
  }

  /** Adds a folder, or moves it to the front. */
  async add(folder: string): Promise<RegisteredRun> {
    const real = await realpath(resolve(folder));
    const id = idOf(real);
    this.#runs.delete(id);
    this.#runs.set(id, { folder: real, openedAt: new Date().toISOString() });
    this.#save();
    return { id, folder: real };
  }

  /** Takes a run off the list; its folder stays. */
  forget(id: string): void {
    this.#runs.delete(id);
    this.#save();
  }

  /** Makes an empty folder for a new recording, its name made from what the auditor typed. */
  async createFolder(name: string): Promise<RegisteredRun> {
    await mkdir(this.#runsFolder, { recursive: true });
    const taken = new Set(await readdir(this.#runsFolder));
    const folder = join(this.#runsFolder, freeName(folderName(name), taken));
    await mkdir(folder);
    return this.add(folder);
  }

  #save(): void {
    if (this.#file === null) return;
    writeJson(this.#file, { version: 1, runs: [...this.#runs.values()] });
  }
}

function idOf(folder: string): string {
  return createHash('sha256').update(folder).digest('hex').slice(0, 16);
}

/** A run's name as a folder name that every system takes: letters, digits, dot, dash, underscore. */
export function folderName(name: string): string {
  const plain = basename(name.normalize('NFKD'))
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 80);
  return plain === '' ? 'run' : plain;
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  for (let n = 2; ; n++) if (!taken.has(`${name}-${n}`)) return `${name}-${n}`;
}
