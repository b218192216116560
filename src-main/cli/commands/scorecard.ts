import type { CallContext } from '../../../src-shared/contract/rpc';
import type { Score, Scorecard } from '../../../src-shared/scorecard';
import { openDataSet } from '../../data/catalogue';
import { startEngine } from '../../engine/backend';
import { scorecard, usualScorecard } from '../../engine/scorecard/scorecard';
import { oneOf, optionValue, readArguments, wholeNumber } from '../arguments';
import { checkTarget, writeJson } from '../output';
import { UsageError } from '../usage';

/** What the small trainings are made from. */
const dataName = 'mnist';

/**
 * `scorecard [--seeds N] [--recording MODE] [--json FILE]`: how well the method does where the answers
 * are known.
 */
export async function scorecardCommand(
  words: readonly string[],
  { signal, onProgress }: CallContext,
): Promise<void> {
  const given = readArguments(words, {
    '--seeds': 'one',
    '--recording': 'one',
    '--json': 'one',
  });
  const [extra] = given.positional;
  if (extra !== undefined) throw new UsageError(`'${extra}' is one word too many`);
  const count = wholeNumber(optionValue(given, '--seeds') ?? '1', '--seeds', 1);
  const recording = oneOf(given, '--recording', ['mini-batches', 'class-batches']);
  const out = optionValue(given, '--json');
  if (out !== undefined) await checkTarget(out);
  await startEngine();
  const { train, test, classNames } = await openDataSet(dataName, process.cwd());
  const card = await scorecard(
    dataName,
    { train, test, classes: classNames.length },
    {
      ...usualScorecard,
      seeds: Array.from({ length: count }, (_, more) => usualScorecard.seeds[0] + more),
      ...(recording === null ? {} : { recording }),
      signal,
      onProgress: (message) => onProgress({ kind: 'prepare', message }),
    },
  );
  if (out !== undefined) await writeJson(out, card);
  if (out !== '-') process.stdout.write(`${tableOf(card)}\n`);
}

/** The scorecard as lines of text. */
function tableOf({ completeness, mislabelled, datamodelling, randomised }: Scorecard): string {
  const scores = (list: readonly Score[]): string[] =>
    list.map(({ name, estimate: { mean, interval } }) => {
      const [low, high] = interval.map((end) => end.toFixed(3));
      return `  ${name}: ${mean.toFixed(3)} (${low} to ${high})`;
    });
  return [
    'Completeness: largest residual',
    ...completeness.map(({ training, residual }) => `  ${training}: ${residual.toExponential(1)}`),
    `Mislabelled examples, ${mislabelled.changed} of ${mislabelled.examples}: area under the curve`,
    ...scores(mislabelled.scores),
    `Linear datamodelling, ${datamodelling.subsets} subsets: rank correlation`,
    ...scores(datamodelling.scores),
    'Randomised: rank correlation with the explanations of',
    ...scores(randomised.scores),
  ].join('\n');
}
