import { readDisclosures } from '../../privacy/disclosure-log';
import { changePolicy, readPolicy } from '../../privacy/policy';
import { readRunDescription } from '../../trace/run-folder';
import {
  oneOf,
  onePositional,
  optionValue,
  readArguments,
  requiredValue,
  wholeNumber,
} from '../arguments';
import { callerPath } from '../output';
import { UsageError } from '../usage';
import { list } from './list';

/**
 * `privacy DIR [--mode examples|aggregates] [--at-least N] [--by NAME] [--reason TEXT] [--json FILE]`:
 * what the owner of a run allows, and all that was disclosed of it.
 */
export async function privacyCommand(words: readonly string[]): Promise<void> {
  const given = readArguments(words, {
    '--mode': 'one',
    '--at-least': 'one',
    '--by': 'one',
    '--reason': 'one',
    '--json': 'one',
  });
  const folder = callerPath(onePositional(given, 'the run folder'));
  const mode = oneOf(given, '--mode', ['examples', 'aggregates'] as const);
  const least = optionValue(given, '--at-least');
  const atLeast = least === undefined ? null : wholeNumber(least, '--at-least', 1);
  const changes = mode !== null || atLeast !== null;
  const by = changes ? requiredValue(given, '--by') : '';
  if (!changes && given.options.has('--reason')) {
    throw new UsageError('--reason goes with --mode or --at-least');
  }
  await readRunDescription(folder);
  if (changes) {
    await changePolicy(folder, {
      ...(mode === null ? {} : { mode }),
      ...(atLeast === null ? {} : { atLeast }),
      by,
      reason: optionValue(given, '--reason') ?? '',
    });
  }
  const policy = await readPolicy(folder);
  const log = await readDisclosures(folder);
  await list(given, { policy, log }, () => [
    `mode ${policy.mode}, at least ${policy.atLeast} examples behind every number`,
    ...log.entries.map(({ number, at, detail, by: who, sha256 }) =>
      [
        `${number}  ${at}  ${detail}`,
        ...(who ? [`by ${who}`] : []),
        ...(sha256 ? [sha256] : []),
      ].join('  '),
    ),
    ...(log.problem ? [log.problem] : []),
  ]);
}
