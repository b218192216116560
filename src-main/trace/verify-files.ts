import type { Database } from 'better-sqlite3';
import type { JobContext } from '../../src-shared/contract/progress';
import { DeltascopeError, throwIfCancelled } from '../../src-shared/errors';
import { blockHasher } from './block-hash';
import { damaged, fileOfRun, readingError } from './failures';
import { checkFile } from './file-check';
import { type FileSystem, nodeFileSystem } from './filesystem';
import { checkIndex, openIndexForReading } from './index-database';
import {
  readCheckpoints,
  readLayouts,
  readProgress,
  readShards,
  readSteps,
  type StoredFile,
} from './index-reader';
import { type StepLayout, tensorName } from './layout';
import { readRunDescription, runFiles } from './run-folder';
import { readHeader } from './safetensors';
import type { SafetensorsHeader } from './safetensors-header';

/** Whether a file of a run is what was written, and if not, why. */
export interface FileVerdict {
  /** Path inside the run folder. */
  readonly name: string;
  readonly ok: boolean;
  /** '' where it is whole. */
  readonly reason: string;
}

/** Tensors the index expects in one shard: name → position of its first byte and after its last. */
type ExpectedTensors = Map<string, readonly [number, number]>;

/**
 * Checks every file of a run: index, run.json, every byte of every shard and checkpoint, and that
 * the shards hold the tensors that the index tells. A damaged file does not end the check.
 *
 * @throws DeltascopeError `run-missing`, `run-not-a-run`, `run-newer`, `no-permission` or
 * `cancelled`.
 */
export async function verifyFiles(
  folder: string,
  context: Partial<JobContext> = {},
  fileSystem: FileSystem = nodeFileSystem,
): Promise<FileVerdict[]> {
  const description = await verdict(runFiles.description, async () => {
    await readRunDescription(folder, fileSystem);
  });
  let database: Database | undefined;
  const index = await verdict(runFiles.index, async () => {
    database = openIndexForReading(folder);
    const wrong = checkIndex(database);
    if (wrong) throw damaged(fileOfRun(folder, runFiles.index), wrong);
  });
  if (!database) return [description, index];
  try {
    const files = await verifyListed(folder, database, context, fileSystem);
    return [description, index.ok ? files.index : index, ...files.others];
  } finally {
    database.close();
  }
}

async function verifyListed(
  folder: string,
  database: Database,
  { signal, onProgress }: Partial<JobContext>,
  fileSystem: FileSystem,
): Promise<{ index: FileVerdict; others: FileVerdict[] }> {
  const place = fileOfRun(folder, runFiles.index);
  const hash = await blockHasher();
  const others: FileVerdict[] = [];
  const index = await verdict(runFiles.index, async () => {
    const shards = readShards(database, place);
    const files: StoredFile[] = [...shards, ...readCheckpoints(database, place).reverse()];
    const expected = expectedTensors(database, place);
    const numbers = new Map(shards.map(({ file, shard }) => [file, shard]));
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    let bytesChecked = 0;
    const onBytes = (checked: number): void => {
      bytesChecked += checked;
      onProgress?.({ kind: 'verify', bytesChecked, bytes });
    };
    const options = { onBytes, ...(signal ? { signal } : {}) };
    for (const stored of files) {
      throwIfCancelled(signal, 'trace');
      const check = async (): Promise<void> => {
        await checkFile(fileSystem, folder, stored, hash, options);
        const header = await headerOfFile(fileSystem, folder, stored);
        const shard = numbers.get(stored.file);
        if (shard === undefined) return;
        const tensors = expected.get(shard) ?? new Map();
        compareTensors(header, tensors, fileOfRun(folder, stored.file));
      };
      others.push(await verdict(stored.file, check));
    }
  });
  return { index, others };
}

async function verdict(name: string, check: () => Promise<void>): Promise<FileVerdict> {
  try {
    await check();
    return { name, ok: true, reason: '' };
  } catch (error) {
    const known = readingError(error, name);
    if (known.code !== 'trace-damaged' && known.code !== 'data-corrupt') throw known;
    return { name, ok: false, reason: known.message };
  }
}

async function headerOfFile(
  fileSystem: FileSystem,
  folder: string,
  stored: StoredFile,
): Promise<SafetensorsHeader> {
  const file = await fileSystem.openForReading(`${folder}/${stored.file}`);
  try {
    return await readHeader(file, stored.bytes, fileOfRun(folder, stored.file));
  } finally {
    await file.close();
  }
}

/** What the steps and layouts of the index expect in each shard. */
function expectedTensors(database: Database, place: string): Map<number, ExpectedTensors> {
  const { steps } = readProgress(database);
  const stored = readSteps(database, steps, place);
  const layouts = readLayouts(database, place);
  const expected = new Map<number, ExpectedTensors>();
  for (let step = 0; step < steps; step += 1) {
    const layout = layouts.get(stored.layout[step] ?? -1);
    const shard = stored.shard[step] ?? -1;
    if (!layout) throw damaged(place, `step ${step} has no layout`);
    const tensors: ExpectedTensors = expected.get(shard) ?? new Map();
    addTensors(tensors, step, stored.position[step] ?? 0, layout);
    expected.set(shard, tensors);
  }
  return expected;
}

function addTensors(
  tensors: ExpectedTensors,
  step: number,
  position: number,
  layout: StepLayout,
): void {
  for (const entry of layout.entries) {
    for (const tensor of entry.tensors) {
      const place = [position + tensor.begin, position + tensor.end] as const;
      tensors.set(tensorName(step, entry, tensor), place);
    }
  }
}

function compareTensors(header: SafetensorsHeader, expected: ExpectedTensors, file: string): void {
  for (const { name, start, end } of header.tensors) {
    const place = expected.get(name);
    if (place?.[0] !== start || place[1] !== end) {
      throw damaged(file, `tensor "${name}" lies elsewhere than the index says`);
    }
  }
  if (header.tensors.length !== expected.size) {
    const message = `${file} holds ${header.tensors.length} tensors where the index tells of ${expected.size}.`;
    throw new DeltascopeError('trace-damaged', 'trace', message);
  }
}
