import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { folderName, RunRegistry } from '../../../src-main/app/run-registry';

let home = '';
const file = () => join(home, 'user', 'runs.json');
const open = () => RunRegistry.open(file(), join(home, 'runs'));

beforeEach(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), 'registry-')));
});

afterEach(() => rm(home, { recursive: true, force: true }));

describe('RunRegistry', () => {
  it('remembers folders under ids that tell nothing of them', async () => {
    const first = await open();
    const run = await first.createFolder('audit');
    expect(run.id).toMatch(/^[0-9a-f]{16}$/);
    expect(run.folder).toBe(join(home, 'runs', 'audit'));
    const again = await open();
    expect(again.list()).toMatchObject([run]);
    expect(again.folderOf(run.id)).toBe(run.folder);
  });

  it('gives a taken name a number, and the same folder the same id', async () => {
    const registry = await open();
    await registry.createFolder('audit');
    const second = await registry.createFolder('audit');
    expect(second.folder).toBe(join(home, 'runs', 'audit-2'));
    expect((await registry.add(second.folder)).id).toBe(second.id);
    expect(registry.list().map(({ id }) => id)[0]).toBe(second.id);
  });

  it('forgets a run but leaves its folder', async () => {
    const registry = await open();
    const run = await registry.createFolder('audit');
    registry.forget(run.id);
    expect(() => registry.folderOf(run.id)).toThrow(/no longer on the list/);
    expect(await readdir(join(home, 'runs'))).toEqual(['audit']);
  });

  it('puts a run back for 30 days, and then forgets it', async () => {
    const registry = await open();
    const run = await registry.createFolder('audit');
    registry.forget(run.id);
    const [removed] = registry.removed();
    expect(removed).toMatchObject({ id: run.id, name: 'audit', daysLeft: 30 });
    const day = 86_400_000;
    const at = Date.parse(removed?.removedAt ?? '');
    const later = await RunRegistry.open(file(), join(home, 'runs'), at + 29.5 * day);
    later.restore(run.id);
    expect(later.folderOf(run.id)).toBe(run.folder);
    later.forget(run.id);
    const tooLate = await RunRegistry.open(file(), join(home, 'runs'), Date.now() + 31 * day);
    expect(tooLate.removed()).toEqual([]);
    expect(() => tooLate.restore(run.id)).toThrow(/no longer on the list/);
  });

  it('keeps a locked run on the list, also when its folder has moved', async () => {
    const registry = await open();
    const run = await registry.createFolder('audit');
    registry.lock(run.id, true);
    registry.note(run.id, 'for the board');
    expect(() => registry.forget(run.id)).toThrow(/audit is locked/);
    const elsewhere = join(home, 'elsewhere');
    await mkdir(elsewhere);
    const moved = await registry.relocate(run.id, elsewhere);
    expect(registry.list()).toMatchObject([
      { id: moved.id, folder: elsewhere, locked: true, note: 'for the board' },
    ]);
    expect((await open()).list()[0]?.note).toBe('for the board');
  });

  it('puts what was opened last first', async () => {
    const registry = await open();
    const first = await registry.createFolder('a');
    await registry.createFolder('b');
    registry.opened(first.id);
    expect(registry.list().map(({ id }) => id)[0]).toBe(first.id);
  });

  it('keeps its order, and what can be put back, when the clock is set back', async () => {
    const registry = await open();
    await registry.createFolder('early');
    const removed = await registry.createFolder('removed');
    registry.forget(removed.id);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 400 * 86_400_000 });
    try {
      await registry.createFolder('late');
      const again = await open();
      expect(again.list().map(({ folder }) => basename(folder))).toEqual(['late', 'early']);
      expect(again.removed()).toMatchObject([{ name: 'removed', daysLeft: 30 }]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('clears away what a crash left half written', async () => {
    const registry = await open();
    await mkdir(join(home, 'user'));
    await writeFile(`${file()}.tmp`, '{"version": 1, "ru');
    await registry.createFolder('audit');
    expect(await readdir(join(home, 'user'))).toEqual(['runs.json']);
  });

  it('counts a broken file as empty, and keeps nothing without a file', async () => {
    await mkdir(join(home, 'user'));
    await writeFile(file(), '{"version": 1, "runs": [{"folder": 3}]}');
    expect((await open()).list()).toEqual([]);
    const unkept = await RunRegistry.open(null, join(home, 'runs'));
    await unkept.createFolder('audit');
    expect(unkept.list()).toHaveLength(1);
  });
});

describe('folderName', () => {
  it.each([
    ['My audit: no. 3', 'My-audit-no.-3'],
    ['../../etc/passwd', 'passwd'],
    ['...', 'run'],
    ['', 'run'],
    ['Ünïcode', 'U-ni-code'],
  ])('makes %j safe', (name, safe) => {
    expect(folderName(name)).toBe(safe);
  });
});
