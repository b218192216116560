import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { restrictedHandlers } from '../../src-main/app/restricted-handlers';
import { readReleaseFile } from '../../src-main/privacy/release-file';
import { commitment } from '../../src-main/privacy/release-store';
import { computeHandlers } from '../../src-main/worker/handlers';
import { defaultPreferences } from '../../src-shared/preferences';
import type { Release } from '../../src-shared/privacy/release';
import type { DisclosureLog, RunPolicy } from '../../src-shared/privacy/review';
import { explanationOf } from '../../src-shared/report/report-request';
import { emptyStatement } from '../../src-shared/report/statement';
import { type Canary, formsFound, writeCanaries } from '../support/canaries';
import {
  deltascope,
  failure,
  readJson,
  scratch,
  succeed,
  writeRecipe,
} from '../support/command-line';

let folder: string;
let run: string;
let release: string;
let canaries: Canary[];
let options: { env: Record<string, string> };
/** Everything that commands have written to the terminal. */
let said = '';

/** 48 training and 80 test pictures a class: of the 160, 80 are asked, some 30 a class explained. */
beforeAll(async () => {
  folder = scratch();
  options = { env: { XDG_DATA_HOME: join(folder, 'home') } };
  canaries = writeCanaries(join(folder, 'pictures'), 48, 80);
  await succeed(['import', 'images', join(folder, 'pictures'), '--name', 'two'], options);
  run = join(folder, 'run');
  release = join(folder, 'release.json');
  const recipe = writeRecipe(folder, 'recipe.json', {
    ...{ data: 'two', model: 'mlp', recording: 'class-batches' },
    ...{ batchSize: 16, ghostSamples: 4, epochs: 6, optimizer: { learningRate: 0.05 } },
  });
  for (const words of [
    ['record', recipe, '--into', run],
    ['release', run, '--out', release],
  ]) {
    const { code, stdout, stderr } = await deltascope(words, options);
    expect(code, stderr).toBe(0);
    said += stdout + stderr;
  }
});

/** All files below a folder. */
function filesBelow(path: string): Buffer[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
}

describe('canaries', () => {
  it('are found where they are: the search works', () => {
    const pictures = Buffer.concat(filesBelow(join(folder, 'pictures')));
    expect(formsFound(canaries, pictures)).toEqual(['compressed file']);
    const stored = Buffer.concat(filesBelow(join(folder, 'home')));
    expect(formsFound(canaries, stored)).toEqual(expect.arrayContaining(['name', 'raw']));
    const [first] = canaries as [Canary];
    const spread = `${Array.from(first.pixels).join(',')} ${Buffer.from(first.pixels).toString('base64')}`;
    expect(formsFound(canaries, Buffer.from(spread))).toEqual(['base64', 'numbers']);
  });

  it('are not in the release, nor in what is kept of it, nor in what was said', () => {
    expect(formsFound(canaries, readFileSync(release))).toEqual([]);
    const kept = filesBelow(join(run, 'privacy'));
    expect(kept.length).toBeGreaterThan(4);
    expect(formsFound(canaries, Buffer.concat(kept))).toEqual([]);
    expect(said).toContain('wrote');
    expect(formsFound(canaries, Buffer.from(said))).toEqual([]);
  });

  it('are in no answer that a restricted window can get', async () => {
    const handlers = restrictedHandlers({
      release: await readReleaseFile(release),
      version: '0',
      saveFile: () => Promise.resolve(null),
      readPreferences: () => defaultPreferences,
      changePreferences: () => undefined,
      changeView: () => undefined,
      writeClipboard: () => undefined,
    });
    const context = { signal: new AbortController().signal, onProgress: () => undefined };
    const answers = await Promise.all([
      handlers['release.read']({}, context),
      handlers['system.describe']({}, context),
      handlers['settings.read']({}, context),
    ]);
    const messages = JSON.stringify(answers);
    expect(messages).toContain('deltascope-release');
    expect(formsFound(canaries, Buffer.from(messages))).toEqual([]);
  });

  it('nor are indices, single numbers, hashes of the run or extremes', () => {
    const text = readFileSync(release, 'utf8');
    expect(text).not.toMatch(/"(index|indices|split[s]?At|file|path|min|max|seed|salt)"/i);
    const { data } = readJson<{ data: { fingerprint: string } }>(join(run, 'run.json'));
    expect(text).not.toContain(data.fingerprint);
    expect(text).not.toContain(folder);
  });
});

describe('a release', () => {
  it('holds aggregates of both classes, and opens its commitments with the salt', () => {
    const { outputs, run: about, sample, decision } = readJson<Release>(release);
    expect(outputs.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining([
        'class-shares',
        'specificity',
        'cos-histograms',
        'timeline',
        'certificate',
      ]),
    );
    expect(sample).toEqual({ split: 'test', predicted: 80, explained: expect.any(Number) });
    expect(about.classNames).toEqual(['bright', 'dim']);
    expect(decision.by).toBe('rules');
    const kept = readJson<{ salt: string; data: string }>(join(run, 'privacy/salt.json'));
    const { data } = readJson<{ data: { fingerprint: string } }>(join(run, 'run.json'));
    expect(kept.data).toBe(data.fingerprint);
    expect(about.commitments.data).toBe(commitment(kept.salt, data.fingerprint));
  });

  it('is the same bytes whenever it is asked for, and takes no other settings', async () => {
    const again = join(folder, 'again.json');
    await succeed(['release', run, '--out', again], options);
    expect(readFileSync(again)).toEqual(readFileSync(release));
    const other = await failure(['release', run, '--out', again, '--at-least', '20'], options);
    expect(other).toMatch(/has its release already/);
  });

  it('is refused where a run is needed, in one sentence', async () => {
    for (const words of [
      ['explain', release, '--example', 'test:0', '--json', '-'],
      ['report', release, '--example', 'test:0', '--pdf', join(folder, 'a.pdf')],
      ['examples', release],
    ]) {
      expect(await failure(words, options)).toMatch(
        /^release\.json is a release: it holds aggregates and nothing of single examples/,
      );
    }
    expect(existsSync(join(folder, 'a.pdf'))).toBe(false);
  });

  it('names no origin: where examples stood is told only where they may be shown', async () => {
    vi.stubEnv('XDG_DATA_HOME', join(folder, 'home'));
    const kept = join(folder, 'kept');
    cpSync(run, kept, { recursive: true });
    const ask = computeHandlers();
    const context = { signal: new AbortController().signal, onProgress: () => undefined };
    const report = (of: string, mode: 'examples' | 'aggregates') =>
      ask['report.build'](
        {
          ...{ folder: of, statement: emptyStatement, other: null },
          request: { ...explanationOf([{ split: 'test', index: 0 }]), mode },
        },
        context,
      );
    const origins = (of: string) =>
      ask['examples.origins']({ folder: of, examples: [{ split: 'train', index: 0 }] }, context);

    const shown = JSON.stringify((await report(run, 'examples')).origins);
    expect(formsFound(canaries, Buffer.from(shown))).toEqual(['name']);
    expect(await origins(run)).toEqual([
      expect.stringMatching(/^train\/bright\/canary[0-9a-f]{8}\.png$/),
    ]);
    await succeed(['privacy', kept, '--mode', 'aggregates', '--by', 'Ada'], options);
    await expect(origins(kept)).rejects.toThrow(/^This run is kept to aggregates/);
    await expect(report(kept, 'examples')).rejects.toThrow(/^This run is kept to aggregates/);
    expect(await failure(['examples', kept], options)).toMatch(/^This run is kept to aggregates/);
    for (const of of [run, kept]) {
      const model = await report(of, 'aggregates');
      expect(model.origins).toEqual({});
      expect(formsFound(canaries, Buffer.from(JSON.stringify(model)))).toEqual([]);
    }
  });

  it('is all that a run kept to aggregates gives, and the log tells what went out', async () => {
    await succeed(['export', 'batches', run, '--out', join(folder, 'batches.jsonl')], options);
    const changed = ['privacy', run, '--mode', 'aggregates', '--at-least', '12', '--by', 'Ada'];
    await succeed(changed, options);
    for (const words of [
      ['explain', run, '--example', 'test:0', '--json', '-'],
      ['export', 'batches', run, '--out', join(folder, 'more.jsonl')],
    ]) {
      expect(await failure(words, options)).toMatch(/^This run is kept to aggregates/);
    }
    const told = await succeed(['privacy', run, '--json', '-'], options);
    const { policy, log } = JSON.parse(told) as { policy: RunPolicy; log: DisclosureLog };
    expect(policy).toEqual({ mode: 'aggregates', atLeast: 12 });
    expect(log.problem).toBeNull();
    expect(log.entries.map(({ what }) => what)).toEqual([
      ...['release', 'copy', 'copy', 'export', 'policy'],
    ]);
    expect(formsFound(canaries, Buffer.from(told))).toEqual([]);
  });
});
