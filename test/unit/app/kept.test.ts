import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Log } from '../../../src-main/app/log';
import { Memory } from '../../../src-main/app/memory';
import { SettingsFile } from '../../../src-main/app/settings';
import { defaultPreferences } from '../../../src-shared/preferences';

let folder = '';
const file = (name: string) => join(folder, name);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kept-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe('SettingsFile', () => {
  it('keeps what was changed', async () => {
    const first = await SettingsFile.open(file('settings.json'));
    expect(first.preferences).toEqual(defaultPreferences);
    first.change({ theme: 'dark', identity: { name: 'Ada', role: 'auditor' } });
    const again = await SettingsFile.open(file('settings.json'));
    expect(again.preferences).toMatchObject({ theme: 'dark', identity: { name: 'Ada' } });
  });

  it('does not relax what is locked', async () => {
    const settings = await SettingsFile.open(file('settings.json'));
    settings.prefer({ disclosure: { atLeast: 20, locked: true } });
    settings.prefer({ disclosure: { atLeast: 10, locked: false } });
    expect(settings.preferences.disclosure).toEqual({ atLeast: 20, locked: true });
    settings.prefer({ disclosure: { atLeast: 30, locked: true } });
    expect(settings.preferences.disclosure.atLeast).toBe(30);
  });

  it('loses only what can’t be read', async () => {
    const text = JSON.stringify({ theme: 'neon', motion: 'reduced', window: { x: 'left' } });
    await writeFile(file('settings.json'), text);
    const { preferences, values } = await SettingsFile.open(file('settings.json'));
    expect(preferences).toMatchObject({ theme: 'system', motion: 'reduced' });
    expect(values.window).toBeNull();
  });
});

describe('Memory', () => {
  it('keeps values by name, and none that are too large', async () => {
    const memory = await Memory.open(file('memory.json'));
    memory.keep('run', 'a');
    memory.keep('draft', 'x'.repeat(300_000));
    const again = await Memory.open(file('memory.json'));
    expect(again.values).toEqual({ run: 'a' });
  });
});

describe('Log', () => {
  it('notes codes, and no word of the message', async () => {
    const log = new Log(file('log'));
    log.failed('runs.describe', {
      code: 'run-missing',
      message: '/home/ada/secret is gone',
      origin: 'trace',
    });
    log.failed('explain.example', { code: 'cancelled', message: '', origin: 'worker' });
    const text = await readFile(file('log'), 'utf8');
    expect(text).toMatch(/^\S+Z runs\.describe failed: DS-1201 run-missing \(trace\)\n$/);
    expect(log.read()).toBe(text);
  });
});
