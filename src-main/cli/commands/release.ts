import type { CallContext } from '../../../src-shared/contract/rpc';
import { DeltascopeError } from '../../../src-shared/errors';
import { outputKinds } from '../../../src-shared/privacy/release';
import { readFrozen } from '../../privacy/release-store';
import { openForAggregates } from '../../worker/open-run';
import { copyRelease, releaseOf, usualSettings } from '../../worker/release-job';
import {
  type Arguments,
  onePositional,
  optionValue,
  readArguments,
  requiredValue,
  wholeNumber,
} from '../arguments';
import { callerPath, checkTarget, say } from '../output';
import { UsageError } from '../usage';

/**
 * `release DIR --out FILE [--at-least N] [--noise EPSILON] [--examples N] [--approve OUTPUT…]`: the
 * run's one release. The first time it is made of all outputs that pass the rules and frozen; from then
 * on the same bytes are written.
 */
export async function releaseCommand(
  words: readonly string[],
  context: CallContext,
): Promise<void> {
  const given = readArguments(words, {
    '--out': 'one',
    '--at-least': 'one',
    '--noise': 'one',
    '--examples': 'one',
    '--approve': 'many',
  });
  const folder = callerPath(onePositional(given, 'the run folder'));
  const out = callerPath(requiredValue(given, '--out'));
  const asked = askedOf(given);
  await checkTarget(out);
  if (await readFrozen(folder)) {
    if (given.options.size > 1) {
      throw new DeltascopeError(
        'request-invalid',
        'privacy',
        'The run has its release already, and it does not change: give --out alone to write it again.',
      );
    }
  } else {
    const { atLeast } = await usualSettings(folder);
    const settings = { ...asked.settings, atLeast: asked.settings.atLeast ?? atLeast };
    const run = await openForAggregates(folder);
    try {
      const { release } = await releaseOf(run, settings, asked.approve, context);
      for (const { title, check } of release.outputs) say(`${title}: ${check.reason}`);
      for (const { title, reason } of release.withheld) say(`${title} is withheld: ${reason}`);
      if (release.noise) say(release.noise.words);
    } finally {
      run.close();
    }
  }
  await copyRelease(folder, out);
  say(`wrote ${out}`);
}

function askedOf(given: Arguments) {
  const number = (name: string): number | null => {
    const text = optionValue(given, name);
    return text === undefined ? null : wholeNumber(text, name, 1);
  };
  const approve = (given.options.get('--approve') ?? []).map((text) => {
    const kind = outputKinds.find((each) => each === text);
    if (kind) return kind;
    throw new UsageError(`--approve names outputs (${outputKinds.join(', ')}), not '${text}'`);
  });
  return {
    approve,
    settings: {
      atLeast: number('--at-least'),
      epsilon: epsilonOf(optionValue(given, '--noise')),
      examples: number('--examples'),
    },
  };
}

function epsilonOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`--noise needs an ε above 0, not '${text}'`);
}
