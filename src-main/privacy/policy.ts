import * as v from 'valibot';
import { DeltascopeError } from '../../src-shared/errors';
import type { RunPolicy } from '../../src-shared/privacy/review';
import { rules } from '../../src-shared/privacy/rules';
import { damaged, fileOfRun } from '../trace/failures';
import { appendDisclosure } from './disclosure-log';
import { jsonOrNull } from './json-text';
import { privacyFiles, readPrivacyFile, writePrivacyFile } from './privacy-folder';

const least = rules['minimum-examples'].threshold;
/** More examples than any run has. */
const most = 1_000_000;

const schema = v.object({
  version: v.literal(1),
  mode: v.picklist(['examples', 'aggregates']),
  atLeast: v.pipe(v.number(), v.safeInteger(), v.minValue(least), v.maxValue(most)),
});

/** What a run allows whose owner has said nothing. */
export const openPolicy: RunPolicy = { mode: 'examples', atLeast: least };

/**
 * What the owner of a run allows. A policy that can't be read counts as one that forbids: an error.
 *
 * @throws DeltascopeError `trace-damaged`, `no-permission`
 */
export async function readPolicy(folder: string): Promise<RunPolicy> {
  const text = await readPrivacyFile(folder, privacyFiles.policy);
  if (text === null) return openPolicy;
  const parsed = v.safeParse(schema, jsonOrNull(text));
  if (!parsed.success) {
    throw damaged(fileOfRun(folder, privacyFiles.policy), 'it is no privacy policy');
  }
  const { mode, atLeast } = parsed.output;
  return { mode, atLeast };
}

/** What is asked to change, by whom and why; names are declared. */
export interface PolicyChange {
  readonly mode?: RunPolicy['mode'];
  readonly atLeast?: number;
  readonly by: string;
  readonly reason: string;
}

/**
 * Changes a run's policy and logs it. The threshold can be raised and never lowered; the mode can be
 * set back, since the folder is its owner's, and the log tells it.
 *
 * @throws DeltascopeError `request-invalid` where the threshold would be lowered or nobody is named
 */
export async function changePolicy(folder: string, change: PolicyChange): Promise<RunPolicy> {
  const before = await readPolicy(folder);
  const after: RunPolicy = {
    mode: change.mode ?? before.mode,
    atLeast: change.atLeast ?? before.atLeast,
  };
  const { by, reason } = change;
  if (by.trim() === '') throw refused('Say who changes the privacy policy of the run.');
  if (after.atLeast < before.atLeast) {
    throw refused(
      `The run asks for at least ${before.atLeast} examples behind every number; that can be raised, not lowered to ${after.atLeast}.`,
    );
  }
  if (!Number.isSafeInteger(after.atLeast) || after.atLeast > most) {
    throw refused(`At least ${after.atLeast} examples is no threshold.`);
  }
  if (after.mode === before.mode && after.atLeast === before.atLeast) return before;
  const detail = `mode ${after.mode}, at least ${after.atLeast} examples (before: ${before.mode}, ${before.atLeast})${reason === '' ? '' : `: ${reason}`}`;
  await appendDisclosure(folder, { what: 'policy', detail, by, sha256: null });
  const stored = `${JSON.stringify({ version: 1, ...after }, null, 2)}\n`;
  await writePrivacyFile(folder, privacyFiles.policy, stored);
  return after;
}

/**
 * Refuses what needs single examples of a run that is kept to aggregates.
 *
 * @throws DeltascopeError `not-disclosable`
 */
export async function requireExamples(folder: string): Promise<void> {
  const { mode } = await readPolicy(folder);
  if (mode === 'examples') return;
  throw new DeltascopeError(
    'not-disclosable',
    'privacy',
    'This run is kept to aggregates: its single examples are not shown, only its release. Its owner can change that.',
  );
}

function refused(message: string): DeltascopeError {
  return new DeltascopeError('request-invalid', 'privacy', message);
}
