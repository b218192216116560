import type { CallContext } from '../../../src-shared/contract/rpc';
import { DeltascopeError } from '../../../src-shared/errors';
import { verifyRun } from '../../worker/verify-job';
import { onePositional, readArguments, requiredValue } from '../arguments';
import { callerPath, checkTarget, say, writeJson } from '../output';

/** `verify DIR --json FILE`: a damaged file ends it with its name. */
export async function verifyCommand(words: readonly string[], context: CallContext): Promise<void> {
  const given = readArguments(words, { '--json': 'one' });
  const folder = callerPath(onePositional(given, 'the run folder'));
  const out = requiredValue(given, '--json');
  await checkTarget(out);
  const report = await verifyRun(folder, context);
  await writeJson(out, report);
  const bad = report.files.filter(({ ok }) => !ok);
  if (bad.length === 0) {
    if (report.layers.length === 0) {
      say('All files are whole. The run is unfinished; certificates come with its end.');
    }
    if (report.unrecorded) {
      say(`Not recorded, so without a certificate: ${report.unrecorded.join(', ')}.`);
    }
    return;
  }
  const [first] = bad;
  const more = bad.length > 1 ? ` (and ${bad.length - 1} more files)` : '';
  throw new DeltascopeError('trace-damaged', 'trace', `${first?.reason}${more}`);
}
