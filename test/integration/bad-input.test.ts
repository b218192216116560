import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  deltascope,
  failure,
  oracleFolder,
  readJson,
  scratch,
  succeed,
  writeRecipe,
} from '../support/command-line';

/** One sentence: what is wrong and where, and nothing is left behind. */
const sentence = /^\S[^\n]+[.?)]$/;

let folder: string;
let recipe: Record<string, unknown>;
let count = 0;

beforeAll(() => {
  folder = scratch();
  cpSync(oracleFolder('single'), join(folder, 'data'), { recursive: true });
  const file = (name: string): string => join(folder, 'data', name);
  recipe = {
    ...readJson<Record<string, unknown>>(file('recipe.json')),
    data: file('data.npz'),
    initialWeights: file('initial.safetensors'),
    order: file('order.jsonl'),
  };
});

async function refused(input: unknown): Promise<string> {
  const name = `recipe-${count++}.json`;
  writeRecipe(folder, name, input);
  const run = join(folder, `run-of-${name}`);
  const said = await failure(['record', name, '--into', run], { cwd: folder });
  expect(said).toMatch(sentence);
  expect(existsSync(run)).toBe(false);
  return said;
}

const changed = (change: Record<string, unknown>): unknown => ({ ...recipe, ...change });

describe('a recipe is refused before anything is written', () => {
  const layers = (...list: unknown[]) => ({ model: { layers: list }, initialWeights: null });
  const own: [string, () => unknown, RegExp][] = [
    [
      'with an unknown field',
      () => changed({ epoch: 2 }),
      /^recipe-\d+\.json: unknown field 'epoch'; did you mean 'epochs'\?$/,
    ],
    [
      'that is no JSON',
      () => '{"data": "mnist",\n "model": mlp}',
      /^recipe-\d+\.json, line 2, column 11: this is no JSON/,
    ],
    [
      'with more ghosts than a batch has places',
      () => ({ data: 'mnist', model: 'mlp', batchSize: 8, ghostSamples: 8 }),
      /ghostSamples is 8 and batchSize 8/,
    ],
    [
      'with a size that cannot be',
      () => changed({ epochs: 0 }),
      /epochs is 0; it must be a whole number from 1/,
    ],
    [
      'with a layer that does not fit, naming it',
      () => ({
        data: 'mnist',
        ...layers(
          { type: 'Conv2D', name: 'edges', filters: 4, kernelSize: 40 },
          { type: 'Flatten', name: 'flatten' },
          { type: 'Dense', name: 'logits', units: 10 },
        ),
      }),
      /'edges'.*a window of 40 does not fit into a side of 28/,
    ],
    [
      'with logits that are not the classes',
      () => ({
        data: 'mnist',
        ...layers({ type: 'Flatten', name: 'flatten' }, { type: 'Dense', name: 'few', units: 3 }),
      }),
      /'few'.*10/,
    ],
    ['with an unknown model', () => changed({ model: 'lenett' }), /did you mean 'lenet'\?/],
    ['with unknown data', () => changed({ data: 'mnst' }), /did you mean 'mnist'\?/],
    [
      'with data that is not there',
      () => changed({ data: 'nowhere/data.npz' }),
      /nowhere\/data\.npz does not exist\.$/,
    ],
    [
      'with an order that is not there',
      () => changed({ order: 'order-of-none.jsonl' }),
      /order-of-none\.jsonl cannot be read/,
    ],
    [
      'with initial weights that are not there',
      () => changed({ initialWeights: 'none.safetensors' }),
      /none\.safetensors does not exist\.$/,
    ],
    [
      'with initial weights of another model',
      () => changed({ initialWeights: join(oracleFolder('sgd-decay'), 'initial.safetensors') }),
      /initial\.safetensors: '\w+\/\w+' (is missing|has shape \[[\d, ]+\]); the model needs \[/,
    ],
  ];
  it.each(own)('%s', async (_, input, said) => {
    expect(await refused(input())).toMatch(said);
  });

  it('whose file is not there', async () => {
    const said = await failure(['record', 'none.json', '--into', 'x'], { cwd: folder });
    expect(said).toBe('none.json cannot be read: there is no such recipe file.');
  });

  it('with data that is damaged, naming the file', async () => {
    const whole = readFileSync(join(folder, 'data/data.npz'));
    const cases: [string, Buffer][] = [
      ['cut.npz', whole.subarray(0, whole.length - 40)],
      ['flipped.npz', flipped(whole, Math.floor(whole.length / 2))],
      ['text.npz', Buffer.from('no archive at all')],
      ['empty.npz', Buffer.alloc(0)],
    ];
    for (const [name, bytes] of cases) {
      writeFileSync(join(folder, name), bytes);
      expect(await refused(changed({ data: join(folder, name) }))).toContain(name);
    }
  });

  it('with an order that breaks its rules, naming the line', async () => {
    const lines = readFileSync(join(folder, 'data/order.jsonl'), 'utf8').trim().split('\n');
    const first = JSON.parse(lines[0] as string) as object;
    const cases: [string, RegExp][] = [
      [`${lines[0]}\nnot JSON`, /line 2, it is no JSON\.$/],
      [JSON.stringify({ ...first, examples: [] }), /line 1, field 'examples'/],
      [JSON.stringify({ ...first, examples: [100000] }), /line 1, example 100000 is beyond/],
      [JSON.stringify({ ...first, learningRate: 'fast' }), /line 1, field 'learningRate'/],
      ['\n', /order-4\.jsonl is not usable: it has no batch\.$/],
    ];
    for (const [i, [text, said]] of cases.entries()) {
      writeFileSync(join(folder, `order-${i}.jsonl`), text);
      expect(await refused(changed({ order: join(folder, `order-${i}.jsonl`) }))).toMatch(said);
    }
  });

  it('with initial weights that are damaged', async () => {
    const whole = readFileSync(join(folder, 'data/initial.safetensors'));
    for (const [name, bytes] of [
      ['cut.safetensors', whole.subarray(0, whole.length - 8)],
      ['text.safetensors', Buffer.from('{"no": "safetensors"}')],
    ] as const) {
      writeFileSync(join(folder, name), bytes);
      expect(await refused(changed({ initialWeights: join(folder, name) }))).toContain(name);
    }
  });
});

describe('a training that diverges', () => {
  it('says so, and what to do', async () => {
    const file = writeRecipe(folder, 'steep.json', {
      data: 'mnist',
      limit: { train: 200, test: 10 },
      model: 'mlp',
      recording: 'mini-batches',
      batchSize: 20,
      optimizer: { learningRate: 900 },
      epochs: 20,
    });
    const said = await failure(['record', file, '--into', join(folder, 'steep')]);
    expect(said).toMatch(
      /(step \d+ is (NaN|Infinity)|A gradient is not finite): the training diverged\. Lower the/,
    );
  });
});

describe('a folder that is no run', () => {
  it('is told as such by every command', async () => {
    const plain = join(folder, 'plain');
    mkdirSync(plain);
    writeFileSync(join(plain, 'notes.txt'), 'mine');
    const commands = (of: string): string[][] => [
      ['verify', of, '--json', '-'],
      ['explain', of, '--example', 'test:0', '--json', '-'],
      ['export', 'batches', of, '--out', join(folder, 'x.jsonl')],
    ];
    for (const words of commands(plain)) {
      const said = await failure(words);
      expect(said).toMatch(sentence);
      expect(said).toContain(plain);
    }
    for (const words of commands(join(folder, 'nowhere'))) {
      expect(await failure(words)).toContain('nowhere');
    }
    // Nor is a run put among files that are somebody's.
    const file = writeRecipe(folder, 'good.json', recipe);
    const said = await failure(['record', file, '--into', plain]);
    expect(said).toMatch(sentence);
    expect(readdirSync(plain)).toEqual(['notes.txt']);
  });
});

describe('a run', () => {
  let run: string;

  beforeAll(async () => {
    run = join(folder, 'whole');
    await succeed(['record', writeRecipe(folder, 'whole.json', recipe), '--into', run]);
  });

  it('that is damaged is found out by one flipped bit, and not explained', async () => {
    const shard = 'shards/000000.safetensors';
    const path = join(run, shard);
    const whole = readFileSync(path);
    for (const place of [3, Math.floor(whole.length / 2), whole.length - 1]) {
      writeFileSync(path, flipped(whole, place));
      const { code, stdout, stderr } = await deltascope(['verify', run, '--json', '-']);
      expect(code).toBe(1);
      expect(stderr).toContain(shard);
      const { ok, files, layers } = JSON.parse(stdout) as {
        ok: boolean;
        files: { name: string; ok: boolean; reason: string }[];
        layers: unknown[];
      };
      expect([ok, layers]).toEqual([false, []]);
      expect(files.filter((file) => !file.ok).map(({ name }) => name)).toEqual([shard]);
      const said = await failure(['explain', run, '--example', 'test:0', '--json', '-']);
      expect(said).toContain('000000.safetensors');
    }
    writeFileSync(path, whole);
    await succeed(['explain', run, '--example', 'test:0', '--json', '-']);
  });

  it.each([
    [['--example', 'test:100000'], /no example test:100000; the split has examples 0 to \d+\.$/],
    [['--example', 'test:0', '--layer', 'fc9'], /no layer 'fc9'\. Its layers are /],
    [['--example', 'test:0', '--target', 'margin:0:99'], /two different classes from 0 to/],
  ])('is not asked for what it has not: %j', async (words, said) => {
    const out = join(folder, 'nothing.json');
    expect(await failure(['explain', run, ...words, '--json', out])).toMatch(said);
    expect(existsSync(out)).toBe(false);
  });

  it('exports only steps and layers that it has', async () => {
    const out = join(folder, 'nothing.safetensors');
    const updates = ['export', 'updates', run, '--out', out, '--layer'];
    const weights = ['export', 'weights', run, '--out', out, '--step'];
    const { tracedLayers } = readJson<{ tracedLayers: { name: string }[] }>(join(run, 'run.json'));
    const layer = tracedLayers[0]?.name ?? '';
    expect(await failure([...updates, 'none', '--steps', '0:1'])).toContain('none');
    expect(await failure([...updates, layer, '--steps', '3:99'])).toMatch(/0:14/);
    expect(await failure([...updates, layer, '--steps', '3:3'])).toMatch(sentence);
    expect(await failure([...weights, '15'])).toMatch(/15/);
    expect(existsSync(out)).toBe(false);
  });

  it('does not take other data under the same path for its own', async () => {
    const { data } = readJson<{ data: { source: string } }>(join(run, 'run.json'));
    const kept = readFileSync(data.source);
    cpSync(join(oracleFolder('sgd-decay'), 'data.npz'), data.source);
    const said = await failure(['explain', run, '--example', 'test:0', '--json', '-']);
    expect(said).toMatch(/is not what .* was trained on/);
    writeFileSync(data.source, kept);
  });
});

function flipped(bytes: Buffer, place: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[place] = (copy[place] as number) ^ 0x10;
  return copy;
}
