import { basename } from 'node:path';
import type { ReleasedRun } from '../../src-shared/privacy/release';
import { roundedCount } from '../../src-shared/privacy/rules';
import { isUnrecorded } from '../engine/explanation/explainable-run';
import { commit } from '../privacy/release-store';
import type { OpenRun } from './open-run';
import { layerInfo } from './run-detail';
import { runHashes } from './run-hashes';
import { productVersion } from './versions';

/** Stands at the head of every release. */
export const readme: readonly string[] = [
  'A release of Deltascope: aggregates over many examples that say which classes and epochs of training made a network what it is. It holds nothing of single examples.',
  'A number that is kept back stands as {"suppressed": RULE}; "rules" says what each rule asks for, and "check" of an output how many numbers each rule kept back. {"atLeast": x} and {"atMost": x} are bounds.',
  'Labels are places in run.classNames. Counts are rounded to multiples of 5, means and shares to two decimals. Shares are parts of a layer’s squared signal and may be negative. Frozen layers were not trained: all of them is initialization, and no output lists them. Nor are unrecorded layers listed there: they were trained, but their updates were not kept.',
  'The examples asked are a secret random half of the split ("sample"). The three hashes in run.commitments are SHA-256(salt ‖ SHA-256); the owner of the run keeps the salt.',
  'The numbers describe what present signals are made of. They do not say what would have happened without some examples.',
];

/** What a release says of its run: no path, no seed, no exact count. */
export async function releasedRun(run: OpenRun, signal: AbortSignal): Promise<ReleasedRun> {
  const { reader, explainable, folder } = run;
  const { recipe, data, createdAt } = reader.description;
  const hashes = await runHashes(run, signal);
  return {
    name: basename(folder),
    data: basename(recipe.data),
    model: typeof recipe.model === 'string' ? recipe.model : 'own layers',
    recording: recipe.recording,
    optimizer: recipe.optimizer.name,
    epochs: recipe.epochs,
    classNames: data.classNames,
    layers: explainable.network.model.maps.map((map) =>
      layerInfo(map, isUnrecorded(map, explainable)),
    ),
    parameters: explainable.network.model.parameters,
    examples: {
      train: roundedCount(data.examples.train),
      test: roundedCount(data.examples.test),
    },
    recordedOn: createdAt.slice(0, 10),
    deltascope: productVersion(),
    commitments: await commit(folder, {
      model: hashes.model,
      data: data.fingerprint,
      trace: hashes.run,
    }),
  };
}
