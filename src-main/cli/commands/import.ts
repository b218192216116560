import type { ImportOptions, ImportPreview } from '../../../src-shared/contract/imports';
import { importNameProblem, mostSide } from '../../../src-shared/contract/imports';
import type { CallContext } from '../../../src-shared/contract/rpc';
import { shapeInWords } from '../../../src-shared/model/graph-shape';
import { checkFreeName, StagedImport } from '../../data/imports/staged-import';
import { importers } from '../../data/imports/table';
import { type Arguments, optionValue, readArguments, requiredValue } from '../arguments';
import { callerPath, checkTarget, say, writeJson } from '../output';
import { UsageError } from '../usage';

/**
 * `import KIND PATH --name NAME [--test-fraction F] [--size HxW] [--json FILE]`: the last line of output is the
 * name, which a recipe's `data` takes.
 */
export async function importCommand(words: readonly string[], context: CallContext): Promise<void> {
  const given = readArguments(words, {
    '--name': 'one',
    '--test-fraction': 'one',
    '--size': 'one',
    '--json': 'one',
  });
  const [kind, path, extra] = given.positional;
  const kinds = importers.map((importer) => importer.kind);
  if (kind === undefined || !kinds.includes(kind)) {
    throw new UsageError(`import takes one of these kinds: ${kinds.join(', ')}`);
  }
  if (path === undefined) throw new UsageError('the path is missing');
  if (extra !== undefined) throw new UsageError(`'${extra}' is one word too many`);
  const name = requiredValue(given, '--name');
  const problem = importNameProblem(name);
  if (problem !== null) throw new UsageError(problem);
  checkFreeName(name);
  const out = optionValue(given, '--json');
  if (out !== undefined) await checkTarget(out);
  const request = { kind, path: callerPath(path), options: optionsOf(given) };
  const staged = await StagedImport.read(request, context);
  await keep(staged, name);
  if (out !== undefined) await writeJson(out, summaryOf(name, staged.preview));
  tell(staged.preview);
  if (out !== '-') process.stdout.write(`${name}\n`);
}

async function keep(staged: StagedImport, name: string): Promise<void> {
  try {
    await staged.keep(name);
  } catch (error) {
    await staged.drop();
    throw error;
  }
}

function optionsOf(given: Arguments): ImportOptions {
  const fraction = optionValue(given, '--test-fraction');
  const size = optionValue(given, '--size');
  return {
    testFraction: fraction === undefined ? null : fractionOf(fraction),
    size: size === undefined ? null : sizeOf(size),
  };
}

function fractionOf(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value < 1)) {
    throw new UsageError(`--test-fraction needs a number between 0 and 1, not '${text}'`);
  }
  return value;
}

function sizeOf(text: string): readonly [number, number] {
  const [, height, width] = /^(\d{1,5})[x×](\d{1,5})$/.exec(text) ?? [];
  const size = [Number(height), Number(width)] as const;
  if (size.every((side) => side >= 1 && side <= mostSide)) return size;
  throw new UsageError(`--size needs HEIGHTxWIDTH, each from 1 to ${mostSide}, not '${text}'`);
}

function summaryOf(name: string, { kind, shape, classNames, counts, ...rest }: ImportPreview) {
  const { fingerprint, notes } = rest;
  const examples = { train: sum(counts.train), test: sum(counts.test) };
  return { name, kind, shape, classNames, examples, counts, fingerprint, notes };
}

function tell({ shape, classNames, counts, notes, fingerprint }: ImportPreview): void {
  const sizes = `${sum(counts.train)} training and ${sum(counts.test)} test examples`;
  say(`imported ${sizes} of ${shapeInWords(shape)}, ${classNames.length} classes`);
  for (const note of notes) say(note);
  say(`SHA-256 ${fingerprint}`);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
