import { basename, resolve } from 'node:path';
import type { RunDetail, TracedLayerInfo } from '../../src-shared/contract/views';
import type { ResolvedMap } from '../../src-shared/model/resolved';
import { resolveModel } from '../../src-shared/model/shapes';
import { isUnrecorded } from '../engine/explanation/explainable-run';
import { readPolicy } from '../privacy/policy';
import { isBeingRecorded } from '../trace/run-lock';
import { TraceReader } from '../trace/trace-reader';

/** The metric of the steps at which an interrupted recording went on; its values are Unix times. */
export const resumedMetric = 'resumed';

/** Points of the loss and accuracy curves that a view is given. */
const curvePoints = 1000;

/** Describes a run, finished or not, from its folder alone: the data need not be there. */
export async function describeRun(path: string): Promise<RunDetail> {
  const folder = resolve(path);
  const reader = await TraceReader.open(folder);
  try {
    const { description, steps } = reader;
    const { recipe, data } = description;
    const accuracy = reader.result('testAccuracy');
    const { mode } = await readPolicy(folder);
    // In a run of single examples a step's loss is an example's.
    const drawn = mode === 'examples' ? thinned(steps.count) : [];
    return {
      id: folder,
      name: basename(folder),
      // A name, or of a file only its own: who reads a report learns no path of this machine.
      data: basename(recipe.data),
      model: typeof recipe.model === 'string' ? recipe.model : 'own layers',
      recording: recipe.recording,
      state: reader.finishedAt === null ? 'unfinished' : 'finished',
      steps: steps.count,
      stepsPlanned: description.stepsPlanned,
      bytes: reader.bytes,
      testAccuracy: typeof accuracy === 'number' ? accuracy : null,
      createdAt: description.createdAt,
      recordingNow: isBeingRecorded(folder),
      mode,
      recipe,
      classNames: data.classNames,
      exampleShape: data.exampleShape,
      layers: mapsOf(reader),
      examples: data.examples,
      fingerprint: data.fingerprint,
      versions: description.versions,
      engine: description.engine,
      resumed: reader.metrics(resumedMetric).map(({ step }) => step),
      metrics: {
        step: drawn,
        loss: drawn.map((t) => steps.loss[t] as number),
        accuracy: drawn.map((t) => steps.accuracy[t] as number),
      },
    };
  } finally {
    reader.close();
  }
}

/** Linear maps of the model: recorded, frozen, or left out of recording. */
function mapsOf(reader: TraceReader): RunDetail['layers'] {
  const { layers, data } = reader.description;
  const model = resolveModel(layers, data.exampleShape, data.classNames.length);
  return model.maps.map((map) => layerInfo(map, isUnrecorded(map, { source: reader })));
}

/** A layer as views list it. */
export function layerInfo(
  { name, kind, rows, columns, frozen }: ResolvedMap,
  unrecorded: boolean,
): TracedLayerInfo {
  return { name, kind, rows, columns, frozen, ...(unrecorded ? { unrecorded } : {}) };
}

function thinned(count: number): number[] {
  const stride = Math.max(1, Math.ceil(count / curvePoints));
  return Array.from({ length: Math.ceil(count / stride) }, (_, i) => i * stride);
}
