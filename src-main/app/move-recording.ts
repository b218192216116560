import { basename } from 'node:path';
import type { MovedRun } from '../../src-shared/contract/app/recording';
import type { CallContext } from '../../src-shared/contract/rpc';
import { DeltascopeError, reportOf } from '../../src-shared/errors';
import type { Compute } from './compute-client';
import type { Log } from './log';
import type { Recordings } from './recordings';
import type { ReportDrafts } from './report-drafts';
import type { RegisteredRun, RunRegistry } from './run-registry';
import type { RunViews } from './run-views';

/** What moving a run works with. */
export interface MovingParts {
  readonly compute: Compute;
  readonly registry: RunRegistry;
  readonly recordings: Recordings;
  readonly views: RunViews;
  readonly drafts: ReportDrafts;
  readonly log: Log;
}

/**
 * Moves an unfinished run into another folder and goes on with it there. It is copied and compared
 * first; then the list says where it is now; and only then the old folder goes. Cut off in between, the
 * list always names a whole run.
 *
 * @throws `run-locked` while it is being recorded, and what copying throws: the run is where it was
 */
export async function moveRecording(
  { compute, registry, recordings, views, drafts, log }: MovingParts,
  run: RegisteredRun,
  into: string,
  context: CallContext,
): Promise<MovedRun> {
  if (recordings.isActive(run.id)) {
    const message = `${basename(run.folder)} is being recorded; stop it before it is moved.`;
    throw new DeltascopeError('run-locked', 'app', message);
  }
  const { folder } = await compute.call('run.copy', { folder: run.folder, into }, context);
  const moved = await registry.relocate(run.id, folder);
  drafts.move(run.id, moved.id);
  // The run goes on where it is now; what is left of the old folder is for its owner to remove.
  const left = await compute
    .call('run.removeCopied', { folder: run.folder, copy: moved.folder })
    .then(
      () => false,
      (error: unknown) => {
        log.failed('record.move', reportOf(error, 'app'));
        return true;
      },
    );
  const detail = await views.detail(moved);
  recordings.start(moved, detail.recipe);
  return { run: { ...detail, recordingNow: true }, left };
}
