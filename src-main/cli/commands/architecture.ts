import {
  type ArchitectureAnalysis,
  isFlagged,
  suggestedLayers,
} from '../../../src-shared/architecture/architecture';
import { mostSeeds } from '../../../src-shared/architecture/seed-spread';
import type { CallContext } from '../../../src-shared/contract/rpc';
import { cancelledError, DeltascopeError } from '../../../src-shared/errors';
import { captions } from '../../../src-shared/words';
import { analyseRun, usualExamples } from '../../worker/account';
import { type ComparisonRequest, compareRuns, recipeWithout } from '../../worker/architecture-job';
import { type OpenRun, openRun } from '../../worker/open-run';
import { record } from '../../worker/record-job';
import {
  onePositional,
  optionValue,
  readArguments,
  requiredValue,
  wholeNumber,
} from '../arguments';
import { callerPath, checkTarget, say, writeJson } from '../output';
import { UsageError } from '../usage';

/**
 * `architecture DIR [--examples N] [--retrain INTO [--without NAME…] [--seeds N]] --json FILE`: how
 * class-specific each layer's updates are; with `--retrain` the network without the named or suggested
 * layers is recorded into INTO and compared, with `--seeds` both over so many seeds.
 */
export async function architectureCommand(
  words: readonly string[],
  context: CallContext,
): Promise<void> {
  const given = readArguments(words, {
    '--examples': 'one',
    '--retrain': 'one',
    '--without': 'many',
    '--seeds': 'one',
    '--json': 'one',
  });
  const folder = callerPath(onePositional(given, 'the run folder'));
  const out = requiredValue(given, '--json');
  const examples = wholeNumber(
    optionValue(given, '--examples') ?? String(usualExamples),
    '--examples',
    1,
  );
  const into = optionValue(given, '--retrain');
  const named = given.options.get('--without')?.flatMap((name) => name.split(','));
  if (named && into === undefined) throw new UsageError('--without goes with --retrain INTO');
  const seeds = wholeNumber(optionValue(given, '--seeds') ?? '1', '--seeds', 1);
  if (seeds > 1 && into === undefined) throw new UsageError('--seeds goes with --retrain INTO');
  if (seeds > mostSeeds) throw new UsageError(`--seeds takes up to ${mostSeeds}, not ${seeds}`);
  await checkTarget(out);
  const run = await openRun(folder);
  try {
    const analysis = await analyseRun(run, examples, context);
    say(summary(analysis));
    if (into === undefined) {
      await writeJson(out, analysis);
      return;
    }
    const without = named ?? suggestedLayers(analysis.layers);
    if (without.length === 0) {
      throw new DeltascopeError(
        'request-invalid',
        'cli',
        'No hidden layer is separated, so none is suggested to be left out; name layers with --without.',
      );
    }
    const retrain = await retrained(run, without, callerPath(into), { examples, seeds }, context);
    await writeJson(out, { ...analysis, retrain });
    say(`without ${retrain.without.join(', ')}: ${accuracies(retrain)}`);
    const { spread } = retrain;
    if (spread?.accuracyDifference) {
      const { interval, count } = spread.accuracyDifference;
      const [low, high] = interval.map((end) => end.toFixed(3));
      say(`over ${count} seeds: difference ${low} to ${high} (95 %)`);
    }
  } finally {
    run.close();
  }
}

async function retrained(
  run: OpenRun,
  without: readonly string[],
  folder: string,
  asked: ComparisonRequest,
  context: CallContext,
) {
  const { recipe, startsAnew } = recipeWithout(run, without);
  if (startsAnew) say(captions.update.startedAnew);
  const { finished } = await record({ recipe, folder, bases: [] }, context);
  if (!finished) {
    say('Interrupted. Everything up to here is saved; the same command goes on from there.');
    throw cancelledError('cli');
  }
  const shallower = await openRun(folder);
  try {
    return { folder, ...(await compareRuns(run, shallower, asked, context)) };
  } finally {
    shallower.close();
  }
}

function summary({ unavailable, layers, examples }: ArchitectureAnalysis): string {
  if (unavailable) return unavailable;
  const flagged = layers.filter(isFlagged);
  const names = flagged.map(({ name, flag }) => `${name} (${flag})`).join(', ');
  return `${examples.length} examples; flagged layers: ${names || 'none'}`;
}

function accuracies({
  first,
  second,
  accuracyDifference,
}: Awaited<ReturnType<typeof retrained>>): string {
  if (!accuracyDifference) return 'recorded; there are no test examples to compare on';
  const [low, high] = accuracyDifference.interval;
  return `accuracy ${second.accuracy} after ${first.accuracy}; difference ${low.toFixed(3)} to ${high.toFixed(3)} (95 %)`;
}
