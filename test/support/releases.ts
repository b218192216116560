import { predict } from '../../src-main/engine/evaluation';
import type { LabelledExamples, SmallRun } from '../../src-main/engine/scorecard/small-run';
import { drawMaterial, explainMaterial } from '../../src-main/privacy/gather';
import { allOutputs } from '../../src-main/privacy/outputs/all';
import { systemRandom } from '../../src-main/privacy/secret-random';
import type { OutputContents, OutputKind, ReleaseOutput } from '../../src-shared/privacy/release';

const settings = { atLeast: 10, epsilon: null, examples: null } as const;

/** The outputs of a release of a run in memory, with a sample drawn anew. */
export async function outputsOf(run: SmallRun, permutations = 19): Promise<ReleaseOutput[]> {
  const test = run.splits.test as LabelledExamples;
  const { predicted } = await predict(run.network, test, test.count);
  const request = {
    split: 'test',
    predicted,
    settings,
    random: systemRandom,
    permutations,
  } as const;
  const drawn = drawMaterial(run, request);
  const material = { ...drawn, ...(await explainMaterial(run, drawn, request, {})) };
  return allOutputs(material, { ...settings, random: systemRandom });
}

/** The content of one output. */
export function contentOf<Kind extends OutputKind>(
  outputs: readonly ReleaseOutput[],
  kind: Kind,
): OutputContents[Kind] {
  const found = outputs.find((output) => output.kind === kind);
  if (!found) throw new Error(`there is no output ${kind}`);
  return found.content as OutputContents[Kind];
}

/** Every number of a value with the names on the way to it, as an attacker would line them up. */
export function numbersIn(value: unknown, path = ''): [string, number][] {
  if (typeof value === 'number') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => numbersIn(each, `${path}/${key}`));
}
