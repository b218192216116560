import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { presets } from '../../src-shared/model/presets';
import { deltascope, failure, scratch } from '../support/command-line';

const misused: [string[], RegExp][] = [
  [['paint'], /there is no command 'paint'/],
  [['record', 'r.json'], /--into is missing/],
  [['record', 'r.json', '--onto', 'x'], /unknown option --onto/],
  [['explain', 'run', '--json', '-'], /--example is missing/],
  [['explain', 'run', '--json', '-', '--example', 'all:1'], /train:N or test:N, not 'all:1'/],
  [
    ['explain', 'run', '--json', '-', '--example', 'test:1', '--target', 'margin:1'],
    /--target is representation, learned or margin:A:B, not 'margin:1'/,
  ],
  [
    ['explain', 'run', '--json', '-', '--example', 'test:1', '--unit', 'gram'],
    /--unit is update or credit, not 'gram'/,
  ],
  [
    ['explain', 'run', '--json', '-', '--example', 'test:1', '--top', '-3'],
    /--top needs a whole number of at least 1, not '-3'/,
  ],
  [['export', 'gradients', 'run', '--out', 'f'], /weights, updates or batches, not 'gradients'/],
  [
    ['export', 'updates', 'run', '--layer', 'l', '--steps', '3', '--out', 'f'],
    /--steps is A:B.*, not '3'/,
  ],
  [['architecture', 'run', '--json', '-', '--without', 'fc1'], /--without goes with --retrain/],
  [
    ['architecture', 'run', '--json', '-', '--examples', '0'],
    /--examples needs a whole number of at least 1, not '0'/,
  ],
  [['scorecard', 'extra'], /'extra' is one word too many/],
  [['models', 'extra'], /'extra' is one word too many/],
];

describe('wrong usage', () => {
  it.each(misused)('%j ends with 2', async (words, said) => {
    expect(await failure(words, { exit: 2 })).toMatch(said);
  });

  it('without any command shows how, and ends with 2', async () => {
    const { code, stdout } = await deltascope([]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/record RECIPE\.json --into DIR/);
  });
});

describe('help and listings', () => {
  it('--help ends with 0 and names every command', async () => {
    const { code, stdout, stderr } = await deltascope(['record', '--help']);
    expect([code, stderr]).toEqual([0, '']);
    for (const name of ['record', 'verify', 'explain', 'report', 'export', 'data', 'models']) {
      expect(stdout).toContain(`  ${name} `);
    }
  });

  it('write only JSON to standard output where that is asked for', async () => {
    for (const name of ['data', 'models', 'runs', 'doctor']) {
      const words = name === 'runs' ? [name, scratch()] : [name];
      const { code, stdout } = await deltascope([...words, '--json', '-']);
      expect(code).toBe(0);
      expect(() => JSON.parse(stdout)).not.toThrow();
    }
  });

  it('list every model that a recipe can name', async () => {
    const { stdout } = await deltascope(['models', '--json', '-']);
    const { models } = JSON.parse(stdout) as { models: { name: string; parameters: number }[] };
    const sizes = Object.fromEntries(models.map(({ name, parameters }) => [name, parameters]));
    expect(Object.keys(sizes)).toEqual(presets.map(({ name }) => name));
    // 14,710,464 in convolutions, 512 · 4096 + 4096² + 4096 · 10 in dense layers, no bias.
    expect(sizes.vgg16).toBe(14_710_464 + 2_097_152 + 16_777_216 + 40_960);
  });

  it('say where a result cannot be written', async () => {
    const folder = scratch();
    const into = join(folder, 'none', 'file.json');
    expect(await failure(['models', '--json', into])).toBe(
      `${into} cannot be written: its folder is not there.`,
    );
    expect(await failure(['models', '--json', folder])).toMatch(/cannot be written/);
  });

  it('say so before long work is begun, and leave what stood there', async () => {
    const folder = scratch();
    const into = join(folder, 'none', 'file.json');
    const said = `${into} cannot be written: its folder is not there.`;
    // A scorecard trains for half a minute; it would be stopped by this test's time.
    expect(await failure(['scorecard', '--json', into])).toBe(said);
    expect(await failure(['scorecard', '--json', folder])).toBe(
      `${folder} cannot be written: it is a folder.`,
    );
    const pdf = join(folder, 'old.pdf');
    writeFileSync(pdf, 'of yesterday');
    await failure(['report', join(folder, 'no-run'), '--example', 'test:1', '--pdf', pdf]);
    expect(readFileSync(pdf, 'utf8')).toBe('of yesterday');
  }, 15_000);
});
