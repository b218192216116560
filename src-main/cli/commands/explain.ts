import type { CallContext } from '../../../src-shared/contract/rpc';
import { throwIfCancelled } from '../../../src-shared/errors';
import {
  type ExampleReference,
  type ExampleSplit,
  type Explanation,
  type ExplanationUnit,
  parseTarget,
} from '../../../src-shared/explanation/explanation';
import { explain } from '../../engine/explanation/explain';
import { unrecordedLayers } from '../../engine/explanation/explainable-run';
import { openRun } from '../../worker/open-run';
import {
  type Arguments,
  oneOf,
  onePositional,
  optionValue,
  readArguments,
  requiredValue,
  wholeNumber,
} from '../arguments';
import { callerPath, checkTarget, say, writeJson } from '../output';
import { UsageError } from '../usage';

const usualTop = 10;

/** `explain DIR --example SPLIT:N… --layer NAME|all … --json FILE`: one pass for all examples. */
export async function explainCommand(
  words: readonly string[],
  { signal, onProgress }: CallContext,
): Promise<void> {
  const given = readArguments(words, {
    '--example': 'many',
    '--layer': 'many',
    '--target': 'one',
    '--unit': 'one',
    '--split': 'one',
    '--top': 'one',
    '--json': 'one',
  });
  const folder = onePositional(given, 'the run folder');
  const out = requiredValue(given, '--json');
  requiredValue(given, '--example');
  const examples = (given.options.get('--example') ?? []).map(exampleReference);
  const layers = (given.options.get('--layer') ?? ['all']).flatMap((name) => name.split(','));
  // Wrong usage is told before the run is opened.
  const options = {
    examples,
    layers: layers.includes('all') ? null : layers,
    target: targetOf(given),
    unit: unitOf(given),
    exampleSplit: oneOf<ExampleSplit>(given, '--split', ['equal', 'exact']),
    top: wholeNumber(optionValue(given, '--top') ?? String(usualTop), '--top', 1),
  };
  await checkTarget(out);
  const run = await openRun(callerPath(folder));
  try {
    const explanations = await explain(run.explainable, {
      ...options,
      signal,
      onProgress: (stepsRead, steps) => onProgress({ kind: 'explain', stepsRead, steps }),
    });
    throwIfCancelled(signal, 'cli');
    await writeJson(out, explanations.map(printed));
    const unrecorded = unrecordedLayers(run.explainable);
    if (options.layers === null && options.target.kind !== 'margin' && unrecorded.length > 0) {
      say(`Not recorded, so not explained: ${unrecorded.join(', ')}.`);
    }
    const even = (explanations[0]?.layers ?? []).filter(
      ({ exampleSplit, frozen }) => exampleSplit === 'equal' && !frozen,
    );
    if (options.exampleSplit === 'exact' && even.length > 0) {
      const names = even.map(({ name }) => name).join(', ');
      say(`The run keeps no example's part of ${names}; its steps are split evenly there.`);
    }
  } finally {
    run.close();
  }
}

/** Reads `test:12`. */
export function exampleReference(text: string): ExampleReference {
  const match = /^(train|test):(\d+)$/.exec(text);
  if (!match) throw new UsageError(`an example is train:N or test:N, not '${text}'`);
  return { split: match[1] as 'train' | 'test', index: Number(match[2]) };
}

export function targetOf(given: Arguments) {
  const text = optionValue(given, '--target') ?? 'representation';
  const target = parseTarget(text);
  if (target) return target;
  throw new UsageError(`--target is representation, learned or margin:A:B, not '${text}'`);
}

export function unitOf(given: Arguments): ExplanationUnit {
  return oneOf<ExplanationUnit>(given, '--unit', ['update', 'credit']) ?? 'update';
}

/** An explanation as JSON: a margin's shares are parts of `total`, which stands for `normSquared`. */
function printed({ layers, ...rest }: Explanation): unknown {
  return {
    ...rest,
    layers: layers.map((layer) => {
      const { normSquared, ...margin } = layer;
      return layer.total === undefined ? { ...margin, normSquared } : margin;
    }),
  };
}
