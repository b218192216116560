import type { CheckProgress } from '../../src-shared/contract/progress';
import type { CallContext } from '../../src-shared/contract/rpc';
import { DeltascopeError } from '../../src-shared/errors';
import type { ReleaseOutput } from '../../src-shared/privacy/release';
import type { ReleaseSettings } from '../../src-shared/privacy/review';
import { ruleIds, ruleWords, thresholdOf } from '../../src-shared/privacy/rules';
import { drawMaterial, explainMaterial } from '../privacy/gather';
import { influenceOutputs, numbersOfOneExample, predictionOutputs } from '../privacy/outputs/all';
import { readPolicy } from '../privacy/policy';
import { readDraft, readFrozen, type StoredDraft, writeDraft } from '../privacy/release-store';
import { systemRandom } from '../privacy/secret-random';
import type { OpenRun } from './open-run';
import { releasedRun } from './release-words';

/**
 * Asks a secret sample of examples, works out every output and checks it by the rules. The
 * draft waits in the run folder; checking with the same settings again gives the same draft, and so
 * the same noise.
 *
 * @throws `not-disclosable` where the run is too small or asked for less than its owner allows,
 * `request-invalid` where it has its release already
 */
export async function checkRelease(
  run: OpenRun,
  settings: ReleaseSettings,
  context: CallContext,
): Promise<StoredDraft> {
  const { folder } = run;
  await checkSettings(folder, settings);
  const known = await readDraft(folder);
  if (known && sameSettings(known.draft.settings, settings)) return known;
  const split = run.reader.description.data.examples.test > 0 ? 'test' : 'train';
  const { predicted } = await run.predictions(split, context.signal);
  const request = { split, predicted, settings, random: systemRandom } as const;
  const { classNames } = run.data;
  const { epsilon } = settings;
  let progress: CheckProgress = { kind: 'check', stepsRead: 0, steps: 0, checked: [] };
  const tell = (news: Partial<CheckProgress>): void => {
    progress = { ...progress, ...news };
    context.onProgress(progress);
  };
  const options = {
    ...{ ...settings, random: systemRandom },
    onChecked: ({ kind: output, check: { state } }: ReleaseOutput) =>
      tell({ checked: [...progress.checked, { output, state }] }),
  };
  const drawn = drawMaterial(run.explainable, request);
  const { sample } = drawn;
  const predictions = predictionOutputs(drawn, options);
  const explained = await explainMaterial(run.explainable, drawn, request, {
    signal: context.signal,
    onProgress: ({ stepsRead, steps }) => tell({ stepsRead, steps }),
  });
  const influences = influenceOutputs({ ...drawn, ...explained }, options);
  const numbers = numbersOfOneExample(explained, classNames.length);
  const stored: StoredDraft = {
    version: 1,
    draft: {
      checkedAt: new Date().toISOString(),
      settings,
      classNames,
      outputs: [...predictions, ...influences],
      decisions: [],
    },
    about: {
      run: await releasedRun(run, context.signal),
      sample,
      rules: ruleIds.map((rule) => ({
        rule,
        words: ruleWords(rule, settings),
        threshold: thresholdOf(rule, settings),
      })),
      noise: epsilon === null ? null : noiseOf(epsilon, numbers),
    },
  };
  await writeDraft(folder, stored);
  return stored;
}

async function checkSettings(folder: string, { atLeast }: ReleaseSettings): Promise<void> {
  const policy = await readPolicy(folder);
  if (atLeast < policy.atLeast) {
    throw new DeltascopeError(
      'not-disclosable',
      'privacy',
      `A release of this run needs at least ${policy.atLeast} examples behind every number; ${atLeast} are too few.`,
    );
  }
  if ((await readFrozen(folder)) !== null) {
    throw new DeltascopeError(
      'request-invalid',
      'privacy',
      'The run has its release already: there is one, and it does not change.',
    );
  }
}

function sameSettings(a: ReleaseSettings, b: ReleaseSettings): boolean {
  return a.atLeast === b.atLeast && a.epsilon === b.epsilon && a.examples === b.examples;
}

function noiseOf(epsilon: number, numbers: number) {
  return {
    kind: 'laplace',
    epsilon,
    total: epsilon * numbers,
    words: `Every number but the certificate has Laplace noise of ε = ${epsilon}; a sampled example is behind at most ${numbers} of them, ε adding up to ${epsilon * numbers}. It covers the sampled examples, not those trained on, nor which numbers are kept back.`,
  } as const;
}
