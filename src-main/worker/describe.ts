import type { ResolvedModel } from '../../src-shared/model/resolved';
import type { Recipe } from '../../src-shared/recipe/recipe';
import type { EngineInfo } from '../engine/backend';
import { recordedParts } from '../engine/step';
import { type DataReference, formatVersion, type RunDescription } from '../trace/run-folder';
import { productVersions } from './versions';

/** What `run.json` says of a new run. */
export function describe(
  recipe: Recipe,
  model: ResolvedModel,
  data: DataReference,
  stepsPlanned: number,
  engine: EngineInfo,
): RunDescription {
  const layers = model.nodes.map(({ spec, inputs, trainable }) => ({
    ...spec,
    ...(trainable ? {} : { trainable }),
    ...(spec.type === 'Input'
      ? {}
      : { inputs: inputs.map((place) => model.nodes[place]?.spec.name ?? '') }),
  }));
  return {
    formatVersion,
    createdAt: new Date().toISOString(),
    recipe,
    layers,
    data,
    tracedLayers: model.traced,
    parts: recordedParts(recipe),
    stepsPlanned,
    versions: productVersions(engine),
    engine: { backend: engine.backend, device: engine.device, threads: engine.threads },
  };
}
