import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallContext } from '../../../src-shared/contract/rpc';
import { benchExplain } from '../../worker/bench-explain';
import { benchRecord } from '../../worker/bench-record';
import { benchStorage } from '../../worker/bench-storage';
import {
  onePositional,
  optionValue,
  readArguments,
  requiredValue,
  wholeNumber,
} from '../arguments';
import { callerPath, checkTarget, writeJson } from '../output';
import { UsageError } from '../usage';

/**
 * `bench record --model M --batch B --steps N --json FILE`, `bench storage` with the same,
 * `bench explain DIR --queries K --json FILE`
 */
export async function benchCommand(
  [what = '', ...words]: readonly string[],
  context: CallContext,
): Promise<void> {
  if (what === 'record') return benchRecordCommand(words, context);
  if (what === 'storage') return benchStorageCommand(words, context);
  if (what === 'explain') return benchExplainCommand(words, context);
  throw new UsageError(`bench what: record, storage or explain, not '${what}'`);
}

async function benchRecordCommand(words: readonly string[], context: CallContext): Promise<void> {
  const given = readArguments(words, {
    '--model': 'one',
    '--batch': 'one',
    '--steps': 'one',
    '--recording': 'one',
    '--codec': 'one',
    '--json': 'one',
  });
  const recording = optionValue(given, '--recording');
  const codec = optionValue(given, '--codec');
  const recipe = {
    model: requiredValue(given, '--model'),
    batchSize: wholeNumber(requiredValue(given, '--batch'), '--batch', 1),
    ...(recording ? { recording } : {}),
    ...(codec ? { codec } : {}),
  };
  const steps = wholeNumber(requiredValue(given, '--steps'), '--steps', 1);
  const out = requiredValue(given, '--json');
  await checkTarget(out);
  const folder = await mkdtemp(join(tmpdir(), 'deltascope-bench-'));
  try {
    await writeJson(out, await benchRecord(recipe, steps, join(folder, 'run'), context.signal));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function benchStorageCommand(words: readonly string[], context: CallContext): Promise<void> {
  const given = readArguments(words, {
    ...{ '--model': 'one', '--batch': 'one', '--steps': 'one', '--json': 'one' },
  });
  const model = requiredValue(given, '--model');
  const batchSize = wholeNumber(requiredValue(given, '--batch'), '--batch', 1);
  const steps = wholeNumber(requiredValue(given, '--steps'), '--steps', 1);
  const out = requiredValue(given, '--json');
  await checkTarget(out);
  await writeJson(out, await benchStorage({ model, batchSize }, steps, context.signal));
}

async function benchExplainCommand(words: readonly string[], context: CallContext): Promise<void> {
  const given = readArguments(words, { '--queries': 'one', '--json': 'one' });
  const folder = callerPath(onePositional(given, 'the run folder'));
  const queries = wholeNumber(requiredValue(given, '--queries'), '--queries', 1);
  const out = requiredValue(given, '--json');
  await checkTarget(out);
  await writeJson(out, await benchExplain(folder, queries, context.signal));
}
