import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../src-shared/random';
import {
  deltascope,
  failure,
  readJson,
  scratch,
  start,
  succeed,
  writeRecipe,
} from '../support/command-line';

/**
 * 4.8 MB a step, so that the trace commits every 14 steps, with all that a step's result hangs on:
 * shuffled classes, ghosts, momentum, a schedule, batch norm's moving statistics.
 */
const recipe = {
  data: 'mnist',
  limit: { train: 300, test: 50 },
  model: {
    layers: [
      { type: 'Input', name: 'input' },
      { type: 'Conv2D', name: 'conv', filters: 8, kernelSize: 5, strides: 2 },
      { type: 'BatchNormalization', name: 'norm', affine: true },
      { type: 'ReLU', name: 'relu' },
      { type: 'Flatten', name: 'flatten' },
      { type: 'Dense', name: 'fc', units: 512 },
      { type: 'ReLU', name: 'relu2' },
      { type: 'Dense', name: 'logits', units: 10 },
    ],
  },
  batchSize: 24,
  ghostSamples: 12,
  optimizer: { learningRate: 0.02, momentum: 0.9, weightDecay: 0.001 },
  schedule: [{ afterEpoch: 1, factor: 0.5 }],
  epochs: 2,
  maxSteps: 36,
  codec: 'dense',
};

/** Far too long to end by itself. */
const long = { ...recipe, epochs: 1000, maxSteps: null };

interface Finished {
  readonly seconds: number;
  readonly final: Buffer;
  readonly batches: string;
}

const finalOf = (run: string): Buffer => readFileSync(join(run, 'checkpoints/final.safetensors'));

const isRun = (run: string): boolean => existsSync(join(run, 'run.json'));

/** Steps that a run would go on from if its recording died now. */
function committedSteps(run: string): number {
  if (!isRun(run)) return 0;
  const index = new Database(join(run, 'index.sqlite'), { readonly: true });
  try {
    return index.prepare('SELECT count(*) FROM steps').pluck().get() as number;
  } finally {
    index.close();
  }
}

/** Steps with which the run says that it went on. */
function resumedSteps(run: string): number[] {
  const index = new Database(join(run, 'index.sqlite'), { readonly: true });
  try {
    const rows = index.prepare("SELECT step FROM metrics WHERE name = 'resumed' ORDER BY step");
    return rows.pluck().all() as number[];
  } finally {
    index.close();
  }
}

async function batchesOf(run: string): Promise<string> {
  const out = `${run}.batches.jsonl`;
  await succeed(['export', 'batches', run, '--out', out]);
  return readFileSync(out, 'utf8');
}

const threads = (count: number): Record<string, string> => ({
  TF_NUM_INTRAOP_THREADS: String(count),
  TF_NUM_INTEROP_THREADS: String(count),
});

/** Kills of each recording, where other than usual. */
const asked = Number(process.env.DELTASCOPE_RESUMES ?? 0);

describe.each([
  ['one thread', 1, asked || 3],
  ['two threads', 2, asked || 1],
])('a recording on %s', (_, count, kills) => {
  const env = threads(count);
  let folder: string;
  let file: string;
  let whole: Finished;

  beforeAll(async () => {
    folder = scratch();
    file = writeRecipe(folder, 'recipe.json', recipe);
    const run = join(folder, 'whole');
    const began = performance.now();
    await succeed(['record', file, '--into', run], { env });
    const seconds = (performance.now() - began) / 1000;
    whole = { seconds, final: finalOf(run), batches: await batchesOf(run) };
  });

  it(`killed at ${kills} random moments ends with the same weights, byte for byte`, async () => {
    const seed = Date.now();
    const random = Random.seeded(seed, 'moments');
    const run = join(folder, 'killed');
    let killed = 0;
    for (let attempt = 0; killed < kills && attempt < 20 + 5 * kills; attempt++) {
      const running = start(['record', file, '--into', run], { env });
      // The first kill is sure to come between two commits, the others fall anywhere.
      if (killed === 0) await running.until(() => committedSteps(run) > 0);
      setTimeout(() => running.process.kill('SIGKILL'), random.uniform() * whole.seconds * 500);
      const { code } = await running.ended;
      if (code === null) killed++;
      else {
        // It got to its end before the kill: what is there is the whole run, so begin again.
        expect(finalOf(run).equals(whole.final), `seed ${seed}`).toBe(true);
        rmSync(run, { recursive: true });
      }
    }
    expect(killed).toBe(kills);
    await succeed(['record', file, '--into', run], { env });
    expect(finalOf(run).equals(whole.final), `seed ${seed}`).toBe(true);
    expect(await batchesOf(run)).toBe(whole.batches);
    const report = JSON.parse(await succeed(['verify', run, '--json', '-'])) as { ok: boolean };
    expect(report.ok).toBe(true);
    expect(readdirSync(join(run, 'shards')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    rmSync(run, { recursive: true });
  });

  if (count > 1) return;

  it('interrupted by Ctrl-C twice says so, loses no step and goes on', async () => {
    const run = join(folder, 'interrupted');
    const interrupted: number[] = [];
    for (const steps of [0, 10]) {
      const running = start(['record', file, '--into', run, '--json'], { env });
      await running.until(() => isRun(run) && committedSteps(run) >= steps);
      running.process.kill('SIGINT');
      // A second signal may follow the first: npm passes its own on.
      setTimeout(() => running.process.kill('SIGINT'), 3);
      const { code, stdout, stderr } = await running.ended;
      expect(code, stderr).toBe(130);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/saved/);
      expect(stderr).not.toMatch(/deltascope: /);
      const [described] = JSON.parse(await succeed(['runs', folder, '--json', '-'])) as {
        state: string;
        steps: number;
        stepsPlanned: number;
      }[];
      expect(described).toMatchObject({ state: 'unfinished', stepsPlanned: 36 });
      interrupted.push(described?.steps ?? 0);
    }
    // Every whole step was committed on the way out, not only those of full shards.
    expect(interrupted[0]).toBeGreaterThan(0);
    expect(interrupted[1]).toBeGreaterThan(interrupted[0] as number);
    expect(interrupted[1]).toBeLessThan(36);
    await succeed(['record', file, '--into', run], { env });
    expect(finalOf(run).equals(whole.final)).toBe(true);
    expect(resumedSteps(run)).toEqual(interrupted);
    rmSync(run, { recursive: true });
  });

  it('is not explained to the end when that is interrupted', async () => {
    const out = join(folder, 'explanation.json');
    // So many that the signal always comes before the end.
    const examples = Array.from({ length: 400 }, (_each, i) => `test:${i % 50}`);
    const words = ['explain', join(folder, 'whole'), '--json', out, '--example'];
    const running = start([...words, ...examples]);
    await running.until(() => running.said().includes('reading the trace'));
    running.process.kill('SIGINT');
    const { code, stdout, stderr } = await running.ended;
    expect([code, stdout]).toEqual([130, '']);
    expect(stderr).not.toMatch(/deltascope: /);
    expect(existsSync(out)).toBe(false);
  });
});

describe('a run that stands there', () => {
  let folder: string;
  let file: string;
  let run: string;

  beforeAll(() => {
    folder = scratch();
    run = join(folder, 'run');
    file = writeRecipe(folder, 'recipe.json', long);
  });

  it('is left alone by a second process while the first records', async () => {
    const first = start(['record', file, '--into', run]);
    await first.until(() => isRun(run));
    const said = await failure(['record', file, '--into', run]);
    expect(said).toMatch(/run is being recorded by another process; .*\.$/);
    // Reading it meanwhile is fine; explaining it has to wait for the end.
    await succeed(['export', 'batches', run, '--out', join(folder, 'so-far.jsonl')]);
    expect(await failure(['explain', run, '--example', 'test:0', '--json', '-'])).toMatch(
      /finish|go on|unfinished/i,
    );
    first.process.kill('SIGINT');
    expect((await first.ended).code).toBe(130);
  });

  it('is not mixed with another recipe', async () => {
    const before = readFileSync(join(run, 'run.json'), 'utf8');
    const other = writeRecipe(folder, 'other.json', { ...long, seed: 8 });
    expect(await failure(['record', other, '--into', run])).toMatch(
      /another recipe \('seed' differs\); record into another folder\.$/,
    );
    expect(readFileSync(join(run, 'run.json'), 'utf8')).toBe(before);
  });

  it('can be verified before it is finished, and is told to be unfinished', async () => {
    const report = join(folder, 'report.json');
    const { code, stderr } = await deltascope(['verify', run, '--json', report]);
    expect(code, stderr).toBe(0);
    const { ok, files, layers } = readJson<{ ok: boolean; files: object[]; layers: object[] }>(
      report,
    );
    expect(ok).toBe(true);
    expect(files.length).toBeGreaterThan(2);
    expect(layers).toEqual([]);
    expect(stderr).toMatch(/unfinished/);
  });

  it('is left as it is when it is finished', async () => {
    const short = writeRecipe(folder, 'short.json', { ...recipe, maxSteps: 3 });
    const finished = join(folder, 'finished');
    const words = ['record', short, '--into', finished];
    await succeed(words);
    const before = finalOf(finished);
    const output = await succeed(words);
    expect(output.trim().split('\n').at(-1)).toBe(finished);
    expect(finalOf(finished).equals(before)).toBe(true);
  });
});
