import { join } from 'node:path';
import type { RunAccount } from '../../src-shared/architecture/run-account';
import { mostSeeds, type SeedSpread, seedSpread } from '../../src-shared/architecture/seed-spread';
import type { CallContext } from '../../src-shared/contract/rpc';
import { cancelledError, DeltascopeError } from '../../src-shared/errors';
import { accountOf } from './account';
import { type OpenRun, openRun, ownStart } from './open-run';
import { record } from './record-job';

/** What a spread is asked over. */
export interface SpreadRequest {
  readonly first: OpenRun;
  readonly second: OpenRun;
  /** Accounts of the two themselves. */
  readonly accounts: { readonly first: RunAccount; readonly second: RunAccount };
  /** Seeds in all, that of the two runs among them. */
  readonly seeds: number;
  /** Examples that specificity is asked about. */
  readonly examples: number;
}

/**
 * Records two runs again with further seeds and takes the mean and interval of what they are compared
 * by. The recordings stay beside each run, in `RUN.seeds/SEED`: asked again, or after a cancellation,
 * what is there is not recorded twice.
 *
 * @throws `request-invalid` where the seed changes nothing; what recording throws; `cancelled`
 */
export async function spreadOver(
  { first, second, accounts, seeds, examples }: SpreadRequest,
  context: CallContext,
): Promise<SeedSpread> {
  checkSeeds(first, seeds);
  const { seed } = first.reader.description.recipe;
  const all = Array.from({ length: seeds }, (_, more) => seed + more);
  const total = 2 * (seeds - 1);
  const found = { first: [accounts.first], second: [accounts.second] };
  let done = 0;
  for (const each of all.slice(1)) {
    for (const [of, run] of [
      ['first', first],
      ['second', second],
    ] as const) {
      const progress = (current: Parameters<CallContext['onProgress']>[0] | null): void =>
        context.onProgress({
          kind: 'seeds',
          done,
          total,
          current: current?.kind === 'record' ? current : null,
        });
      progress(null);
      const folder = await recordSeed(run, each, { ...context, onProgress: progress });
      const recorded = await openRun(folder);
      try {
        found[of].push(await accountOf(recorded, examples, context));
      } finally {
        recorded.close();
      }
      done++;
    }
  }
  return seedSpread(all, found.first, found.second);
}

/** @returns the folder of the finished run */
async function recordSeed(run: OpenRun, seed: number, context: CallContext): Promise<string> {
  const folder = join(`${run.folder}.seeds`, String(seed));
  const { recipe: own } = run.reader.description;
  const recipe = { ...own, seed, initialWeights: ownStart(run) };
  const { finished } = await record({ recipe, folder, bases: [] }, context);
  if (!finished) throw cancelledError('worker');
  return folder;
}

function checkSeeds(run: OpenRun, seeds: number): void {
  const { initialWeights, order } = run.reader.description.recipe;
  const fixed = initialWeights !== null && order !== null;
  if (seeds >= 2 && seeds <= mostSeeds && !fixed) return;
  throw new DeltascopeError(
    'request-invalid',
    'worker',
    fixed
      ? `${run.explainable.name} starts from given weights in a given order, so that its seed changes nothing.`
      : `A spread is of 2 to ${mostSeeds} seeds, not ${seeds}.`,
  );
}
