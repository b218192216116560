import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Explanation } from '../../../src-shared/explanation/explanation';
import { commandLine } from './paths';
import type { Workplace } from './workplace';

const execute = promisify(execFile);

/** Runs the built command line in a workplace; gives its standard output. */
export async function deltascope(words: readonly string[], place: Workplace): Promise<string> {
  const { stdout } = await execute(process.execPath, [commandLine, ...words], {
    env: { ...process.env, ...place.env },
    maxBuffer: 256 * 1024 * 1024,
  });
  return stdout;
}

/** What the command line says of a test example: the same question that the window asks. */
export async function explained(
  run: string,
  index: number,
  place: Workplace,
  target = 'representation',
  unit = 'update',
): Promise<Explanation> {
  const layers = ['--layer', 'all', '--target', target, '--unit', unit];
  const question = ['--example', `test:${index}`, ...layers];
  const text = await deltascope(['explain', run, ...question, '--top', '8', '--json', '-'], place);
  const answers = JSON.parse(text) as Explanation[];
  const [first] = answers;
  if (!first || answers.length !== 1) throw new Error('one explanation was asked for');
  return first;
}
