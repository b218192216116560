import type { CallContext } from '../../../src-shared/contract/rpc';
import { repackRun } from '../../worker/repack-job';
import { onePositional, readArguments, requiredValue } from '../arguments';
import { callerPath, say } from '../output';
import { UsageError } from '../usage';

/** `repack DIR --setting fast|compact|lossless`: the last line of output is the run folder. */
export async function repackCommand(words: readonly string[], context: CallContext): Promise<void> {
  const given = readArguments(words, { '--setting': 'one' });
  const folder = callerPath(onePositional(given, 'the run folder'));
  const setting = requiredValue(given, '--setting');
  if (setting !== 'fast' && setting !== 'compact' && setting !== 'lossless') {
    throw new UsageError(`--setting is fast, compact or lossless, not '${setting}'`);
  }
  const codec = setting === 'lossless' ? 'dense' : setting;
  const { before, after, storage } = await repackRun(folder, codec, context);
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  say(`packed ${megabytes(before)} into ${megabytes(after)}`);
  for (const { layer, parts, errorBound } of storage.values()) {
    const stored = parts.map(({ part, codec }) => `${part} ${codec}`).join(', ');
    say(`${layer}: ${stored}; error of γ up to ${(100 * errorBound).toFixed(2)} %`);
  }
  process.stdout.write(`${folder}\n`);
}
