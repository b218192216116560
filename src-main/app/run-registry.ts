import { createHash } from 'node:crypto';
import { mkdir, readdir, realpath } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import * as v from 'valibot';
import type { RemovedRun } from '../../src-shared/contract/app/runs';
import { DeltascopeError } from '../../src-shared/errors';
import { freeName } from '../../src-shared/text';
import { clearEmptied } from '../trace/marked-folder';
import { readJson, writeJson } from './json-file';

const entrySchema = v.object({
  folder: v.string(),
  openedAt: v.string(),
  locked: v.optional(v.boolean(), false),
  note: v.optional(v.string(), ''),
  /** When it was taken off the list. */
  removedAt: v.optional(v.nullable(v.string()), null),
});
const fileSchema = v.object({ version: v.literal(1), runs: v.array(entrySchema) });

type Entry = v.InferOutput<typeof entrySchema>;

/** Days for which a run that was taken off the list can be put back. */
export const restorableDays = 30;
const dayMs = 86_400_000;

export interface RegisteredRun {
  /** Opaque: the window names runs by it and learns no path. */
  readonly id: string;
  readonly folder: string;
}

/** A run on the list, with what the list knows of it. */
export interface RunEntry extends RegisteredRun {
  readonly openedAt: string;
  readonly locked: boolean;
  /** What the auditor wrote down about it. */
  readonly note: string;
}

/**
 * The run folders that this user knows, in one JSON file. An id is derived from the folder, so the
 * same folder keeps its id; only folders that were registered can be reached by an id.
 */
export class RunRegistry {
  readonly #file: string | null;
  #runsFolder: string;
  #runs = new Map<string, Entry>();
  #onChange: () => void = () => {};

  private constructor(file: string | null, runsFolder: string) {
    this.#file = file;
    this.#runsFolder = runsFolder;
  }

  /**
   * Reads the registry; without a file nothing is kept; a file that can't be read counts as empty,
   * runs are found again by opening. What was taken off the list long ago is forgotten.
   */
  static async open(
    file: string | null,
    runsFolder: string,
    now = Date.now(),
  ): Promise<RunRegistry> {
    const registry = new RunRegistry(file, runsFolder);
    if (file === null) return registry;
    const parsed = v.safeParse(fileSchema, await readJson(file));
    for (const entry of parsed.success ? parsed.output.runs : []) {
      if (daysLeft(entry, now) > 0) registry.#runs.set(idOf(entry.folder), entry);
    }
    return registry;
  }

  /** Where new recordings go. */
  get runsFolder(): string {
    return this.#runsFolder;
  }

  useFolder(folder: string): void {
    this.#runsFolder = folder;
  }

  /** Calls back whenever the list has changed. */
  watch(onChange: () => void): void {
    this.#onChange = onChange;
  }

  /** Most recently opened first. */
  list(): RunEntry[] {
    return [...this.#runs]
      .filter(([, { removedAt }]) => removedAt === null)
      .map(([id, { removedAt: _, ...entry }]) => ({ id, ...entry }))
      .reverse();
  }

  /** Those that were taken off the list and can be put back, the last one first. */
  removed(now = Date.now()): RemovedRun[] {
    return [...this.#runs]
      .flatMap(([id, entry]) => {
        const { folder, removedAt } = entry;
        return removedAt === null
          ? []
          : [{ id, name: basename(folder), removedAt, daysLeft: daysLeft(entry, now) }];
      })
      .sort((a, b) => b.removedAt.localeCompare(a.removedAt));
  }

  /** The folder behind an id. */
  folderOf(id: string): string {
    return this.#listed(id).folder;
  }

  /** Adds a folder, or moves it to the front. */
  async add(folder: string): Promise<RegisteredRun> {
    const real = await realpath(resolve(folder));
    const id = idOf(real);
    const { locked = false, note = '' } = this.#runs.get(id) ?? {};
    this.#put(id, { folder: real, openedAt: now(), locked, note, removedAt: null });
    return { id, folder: real };
  }

  /** Notes that a run was opened, and moves it to the front. */
  opened(id: string): void {
    this.#put(id, { ...this.#listed(id), openedAt: now() });
  }

  /**
   * Takes a run off the list; its folder stays.
   *
   * @throws `request-invalid` where it is locked
   */
  forget(id: string): void {
    const entry = this.#runs.get(id);
    if (!entry || entry.removedAt !== null) return;
    if (entry.locked) {
      const message = `${basename(entry.folder)} is locked; unlock it before you take it off the list.`;
      throw new DeltascopeError('request-invalid', 'app', message);
    }
    this.#runs.set(id, { ...entry, removedAt: now() });
    this.#save();
  }

  /** Puts a run back on the list. */
  restore(id: string): void {
    const entry = this.#runs.get(id);
    if (!entry) throw notListed();
    this.#runs.set(id, { ...entry, removedAt: null });
    this.#save();
  }

  lock(id: string, locked: boolean): void {
    this.#runs.set(id, { ...this.#listed(id), locked });
    this.#save();
  }

  /** Keeps what the auditor wrote down about a run. */
  note(id: string, note: string): void {
    this.#runs.set(id, { ...this.#listed(id), note });
    this.#save();
  }

  /** Puts another folder in a run's place: the one that it was moved to. */
  async relocate(id: string, folder: string): Promise<RegisteredRun> {
    const { locked, note } = this.#listed(id);
    const run = await this.add(folder);
    if (run.id !== id) this.#runs.delete(id);
    this.#runs.set(run.id, { ...this.#listed(run.id), locked, note });
    this.#save();
    return run;
  }

  /** Makes an empty folder for a new recording, its name made from what the auditor typed. */
  async createFolder(name: string): Promise<RegisteredRun> {
    await mkdir(this.#runsFolder, { recursive: true });
    await clearEmptied(this.#runsFolder);
    const taken = new Set(await readdir(this.#runsFolder));
    const folder = join(this.#runsFolder, freeName(folderName(name), taken));
    await mkdir(folder);
    return this.add(folder);
  }

  #listed(id: string): Entry {
    const entry = this.#runs.get(id);
    if (!entry || entry.removedAt !== null) throw notListed();
    return entry;
  }

  #put(id: string, entry: Entry): void {
    this.#runs.delete(id);
    this.#runs.set(id, entry);
    this.#save();
  }

  #save(): void {
    if (this.#file !== null) writeJson(this.#file, { version: 1, runs: [...this.#runs.values()] });
    this.#onChange();
  }
}

const now = () => new Date().toISOString();

/** Whole days until an entry is forgotten; endless while it is on the list, all of them where the clock went back. */
function daysLeft({ removedAt }: Entry, at: number): number {
  if (removedAt === null) return Number.POSITIVE_INFINITY;
  const past = Math.max(0, at - Date.parse(removedAt)) / dayMs;
  return Math.ceil(restorableDays - past);
}

function notListed(): DeltascopeError {
  const message = 'This run is no longer on the list. Open its folder again.';
  return new DeltascopeError('run-missing', 'app', message);
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
