import type { CallContext } from '../../../src-shared/contract/rpc';
import { requireExamples } from '../../privacy/policy';
import { exportBatches, exportUpdates, exportWeights } from '../../trace/exports';
import { TraceReader } from '../../trace/trace-reader';
import { replayRules } from '../../worker/replay-rules';
import { type Arguments, readArguments, requiredValue, wholeNumber } from '../arguments';
import { callerPath, checkTarget } from '../output';
import { tellDisclosure } from '../tell-disclosure';
import { UsageError } from '../usage';

/** `export weights|updates|batches DIR … --out FILE` */
export async function exportCommand(
  words: readonly string[],
  { signal }: CallContext,
): Promise<void> {
  const given = readArguments(words, {
    '--step': 'one',
    '--layer': 'one',
    '--steps': 'one',
    '--out': 'one',
  });
  const [what, folder, extra] = given.positional;
  if (what !== 'weights' && what !== 'updates' && what !== 'batches') {
    throw new UsageError(`export what: weights, updates or batches, not '${what ?? ''}'`);
  }
  if (folder === undefined) throw new UsageError('the run folder is missing');
  if (extra !== undefined) throw new UsageError(`'${extra}' is one word too many`);
  const out = callerPath(requiredValue(given, '--out'));
  const asked = askedOf(what, given);
  await checkTarget(out);
  await requireExamples(callerPath(folder));
  const reader = await TraceReader.open(callerPath(folder));
  try {
    const options = { ...(await replayRules(reader)), signal };
    if (asked.what === 'weights') await exportWeights(reader, asked.step, out, options);
    else if (asked.what === 'updates') {
      await exportUpdates(reader, asked.layer, asked.range, out, options);
    } else await exportBatches(reader, out);
    await tellDisclosure(callerPath(folder), { what: 'export', detail: exportedWords(asked) });
  } finally {
    reader.close();
  }
}

type Asked =
  | { readonly what: 'weights'; readonly step: number }
  | {
      readonly what: 'updates';
      readonly layer: string;
      readonly range: { readonly from: number; readonly to: number };
    }
  | { readonly what: 'batches' };

/** What went out, in the words of the disclosure log. */
function exportedWords(asked: Asked): string {
  switch (asked.what) {
    case 'weights':
      return `weights before step ${asked.step}`;
    case 'updates':
      return `updates of ${asked.layer}, steps ${asked.range.from} to ${asked.range.to}`;
    case 'batches':
      return 'the batches of all steps, with the indices of their examples';
  }
}

/** Checks the words before the run is opened, so that wrong usage is told as such. */
function askedOf(what: Asked['what'], given: Arguments): Asked {
  if (what === 'weights') {
    return { what, step: wholeNumber(requiredValue(given, '--step'), '--step') };
  }
  if (what === 'batches') return { what };
  const steps = requiredValue(given, '--steps');
  const match = /^(\d+):(\d+)$/.exec(steps);
  if (!match)
    throw new UsageError(
      `--steps is A:B, the first step and the one after the last, not '${steps}'`,
    );
  return {
    what,
    layer: requiredValue(given, '--layer'),
    range: { from: Number(match[1]), to: Number(match[2]) },
  };
}
