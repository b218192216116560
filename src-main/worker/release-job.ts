import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { CallContext } from '../../src-shared/contract/rpc';
import { DeltascopeError } from '../../src-shared/errors';
import { outputWords } from '../../src-shared/privacy/output-words';
import type { OutputKind, Release, ReleaseDecision } from '../../src-shared/privacy/release';
import {
  type OutputDecision,
  obstacles,
  type ReleaseSettings,
  type ReleaseState,
} from '../../src-shared/privacy/review';
import { appendDisclosure } from '../privacy/disclosure-log';
import { readPolicy } from '../privacy/policy';
import {
  type FrozenRelease,
  freeze,
  readDraft,
  readFrozen,
  type StoredDraft,
  writeDraft,
} from '../privacy/release-store';
import { writingError } from '../trace/failures';
import type { OpenRun } from './open-run';
import { checkRelease } from './release-check';
import { readme } from './release-words';

/** Where a run stands on the way to its release. */
export async function releaseState(folder: string): Promise<ReleaseState> {
  const policy = await readPolicy(folder);
  const frozen = await readFrozen(folder);
  if (frozen) return { kind: 'released', policy, ...shown(frozen) };
  const stored = await readDraft(folder);
  return stored ? { kind: 'draft', policy, draft: stored.draft } : { kind: 'unchecked', policy };
}

function shown({ release, sha256 }: FrozenRelease) {
  return { release, sha256 };
}

/** Approves or rejects an output of the draft; null takes the decision back. */
export async function decideOutput(
  folder: string,
  decision: { output: OutputKind; approved: boolean | null; reason: string },
): Promise<void> {
  const stored = await requireDraft(folder);
  const { output, approved, reason } = decision;
  const found = stored.draft.outputs.find(({ kind }) => kind === output);
  if (!found) throw refused(`The draft has no output '${output}'.`);
  if (approved && found.check.state === 'fail') {
    throw refused(`${found.title} breaks a rule and can’t be approved: ${found.check.reason}`);
  }
  const needsReason = approved === false || (approved && found.check.state === 'review');
  if (needsReason && reason.trim() === '') {
    throw refused(`Say why ${found.title} is ${approved ? 'approved' : 'rejected'}.`);
  }
  const others = stored.draft.decisions.filter((each) => each.output !== output);
  const decisions: OutputDecision[] =
    approved === null ? others : [...others, { output, approved, reason }];
  await writeDraft(folder, { ...stored, draft: { ...stored.draft, decisions } });
}

/**
 * Freezes what a checker has approved.
 *
 * @throws `request-invalid`, one sentence with all that is missing
 */
export async function freezeDecided(
  folder: string,
  signed: { author: string; checker: string; comment: string },
): Promise<FrozenRelease> {
  const stored = await requireDraft(folder);
  const missing = obstacles(stored.draft, signed);
  if (missing.length > 0) throw refused(missing.join(' '));
  const approved = stored.draft.decisions.filter((each) => each.approved);
  return writeRelease(folder, stored, new Set(approved.map(({ output }) => output)), {
    by: 'checker',
    ...signed,
    on: today(),
  });
}

/**
 * The release of a run: the frozen one, or made now of all that passes the rules and of what is named
 * for review.
 *
 * @throws what `checkRelease` throws
 */
export async function releaseOf(
  run: OpenRun,
  settings: ReleaseSettings,
  reviewed: readonly OutputKind[],
  context: CallContext,
): Promise<FrozenRelease> {
  const frozen = await readFrozen(run.folder);
  if (frozen) return frozen;
  return freezePassing(run.folder, await checkRelease(run, settings, context), reviewed);
}

/** What is asked for where nothing is said: what the owner of the run asks for at least. */
export async function usualSettings(folder: string): Promise<ReleaseSettings> {
  const { atLeast } = await readPolicy(folder);
  return { atLeast, epsilon: null, examples: null };
}

/** Freezes what the rules let pass, and of what is to be reviewed that which is named. */
async function freezePassing(
  folder: string,
  stored: StoredDraft,
  reviewed: readonly OutputKind[],
): Promise<FrozenRelease> {
  const approved = stored.draft.outputs.filter(
    ({ kind, check }) =>
      check.state === 'pass' || (check.state === 'review' && reviewed.includes(kind)),
  );
  if (approved.length === 0) {
    const open = stored.draft.outputs.filter(({ check }) => check.state === 'review');
    const message =
      open.length === 0
        ? 'No output passes the rules, so that there is nothing to release.'
        : `No output passes the rules by itself. Review what they can't judge, and name what may leave: release --approve ${open.map(({ kind }) => kind).join(' ')}.`;
    throw new DeltascopeError('not-disclosable', 'privacy', message);
  }
  const kinds = new Set(approved.map(({ kind }) => kind));
  return writeRelease(folder, stored, kinds, { by: 'rules', on: today() });
}

async function writeRelease(
  folder: string,
  { draft, about }: StoredDraft,
  approved: ReadonlySet<OutputKind>,
  decision: ReleaseDecision,
): Promise<FrozenRelease> {
  const release: Release = {
    format: 'deltascope-release',
    version: 1,
    readme,
    ...about,
    outputs: draft.outputs.filter(({ kind }) => approved.has(kind)),
    withheld: draft.outputs
      .filter(({ kind }) => !approved.has(kind))
      .map(({ kind, title, check }) => {
        const given = draft.decisions.find(({ output }) => output === kind);
        const failed = check.state === 'fail';
        const because = failed ? ('failed' as const) : ('rejected' as const);
        const reason = failed ? check.reason : (given?.reason ?? 'Nobody has reviewed it.');
        return { kind, title, because, reason };
      }),
    decision,
  };
  // Logged first: better a release too many in the log than one that went out without it.
  return freeze(folder, release, (sha256) =>
    appendDisclosure(folder, {
      what: 'release',
      detail: `release frozen: ${[...approved].map((kind) => outputWords[kind].title).join(', ')}`,
      by: decision.by === 'checker' ? `${decision.checker}, for ${decision.author}` : 'the rules',
      sha256,
    }),
  );
}

/**
 * Writes the frozen release to a file, byte for byte, and logs it.
 *
 * @throws `request-invalid` where there is none yet, `write-failed`, `no-permission`, `disk-full`
 */
export async function copyRelease(folder: string, file: string): Promise<void> {
  const frozen = await readFrozen(folder);
  if (!frozen) throw refused('The run has no release yet: check it, decide, and freeze it first.');
  const detail = `copy of the release to ${basename(file)}`;
  await appendDisclosure(folder, { what: 'copy', detail, by: '', sha256: frozen.sha256 });
  try {
    await writeFile(file, frozen.text);
  } catch (error) {
    throw writingError(error, basename(file));
  }
}

async function requireDraft(folder: string): Promise<StoredDraft> {
  const frozen = await readFrozen(folder);
  if (frozen)
    throw refused('The run has its release already: there is one, and it does not change.');
  const stored = await readDraft(folder);
  if (stored) return stored;
  throw refused('Nothing has been checked yet.');
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

function refused(message: string): DeltascopeError {
  return new DeltascopeError('request-invalid', 'privacy', message);
}
