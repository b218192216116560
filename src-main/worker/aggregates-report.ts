import { readFile } from 'node:fs/promises';
import type { CallContext } from '../../src-shared/contract/rpc';
import { DeltascopeError } from '../../src-shared/errors';
import { buildAggregatesReport } from '../../src-shared/report/build-aggregates';
import type { ReportModel } from '../../src-shared/report/report-model';
import type { ReportKind } from '../../src-shared/report/report-sections';
import type { ReportStatement } from '../../src-shared/report/statement';
import { readReleaseFile } from '../privacy/release-file';
import { type FrozenRelease, readFrozen, sha256 } from '../privacy/release-store';
import { openForAggregates } from './open-run';
import { releaseOf, usualSettings } from './release-job';
import { productVersion } from './versions';

/** The report of a frozen release. */
export function aggregatesModel(
  { release, sha256: hash }: Pick<FrozenRelease, 'release' | 'sha256'>,
  kind: ReportKind,
  statement: ReportStatement,
): ReportModel {
  const version = productVersion();
  return buildAggregatesReport({ release, sha256: hash, kind, statement, version });
}

/**
 * The frozen release of a run.
 *
 * @throws `request-invalid` where there is none yet
 */
export async function requireRelease(folder: string): Promise<FrozenRelease> {
  const frozen = await readFrozen(folder);
  if (frozen) return frozen;
  throw new DeltascopeError(
    'request-invalid',
    'worker',
    'The run has no release yet, and an aggregates report is made from it: check, decide and release first.',
  );
}

/** The frozen release of a run; where there is none, of all that passes the rules. */
export async function releaseForReport(
  folder: string,
  context: CallContext,
): Promise<FrozenRelease> {
  const frozen = await readFrozen(folder);
  if (frozen) return frozen;
  const run = await openForAggregates(folder);
  try {
    return await releaseOf(run, await usualSettings(folder), [], context);
  } finally {
    run.close();
  }
}

/** A release from its file, as a reviewer has it. */
export async function releaseOfFile(
  path: string,
): Promise<Pick<FrozenRelease, 'release' | 'sha256'>> {
  return { release: await readReleaseFile(path), sha256: sha256(await readFile(path, 'utf8')) };
}
