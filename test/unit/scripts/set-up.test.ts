import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasDisplay, launchArguments } from '../../../scripts/build/launch.mjs';
import { sourceStamp } from '../../../scripts/build/stamp.mjs';
import { isPublished, publish } from '../../../scripts/provision/cache.mjs';
import { verifyFile } from '../../../scripts/provision/checksum.mjs';
import { withLock } from '../../../scripts/provision/lock.mjs';
import { needsCompiledSqlite } from '../../../scripts/provision/sqlite.mjs';
import { unzip } from '../../../scripts/provision/unzip.mjs';
import { chooseEngine, requirements } from '../../../scripts/provision/wheels.mjs';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deltascope-set-up-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('choices', () => {
  it('takes the CUDA library only where there is a GPU', () => {
    const linux = { platform: 'linux', arch: 'x64' };
    expect(chooseEngine({ ...linux, gpu: false })?.kind).toBe('native-cpu');
    expect(chooseEngine({ ...linux, gpu: true })?.kind).toBe('native-cuda');
    expect(chooseEngine({ platform: 'linux', arch: 'arm64', gpu: false })).toBeUndefined();
  });

  it('compiles SQLite for runtimes before Node-API 10', () => {
    expect(needsCompiledSqlite({ nodeApi: 9, electron: 'supported' })).toBe(true);
    expect(needsCompiledSqlite({ nodeApi: 10, electron: 'fallback' })).toBe(true);
    expect(needsCompiledSqlite({ nodeApi: 10, electron: 'supported' })).toBe(false);
  });

  it('pins every wheel by its hash', () => {
    const wheel = { name: 'a-b', version: '1.2', sha256: 'ff' };
    expect(requirements([wheel])).toBe('a-b==1.2 --hash=sha256:ff\n');
  });

  it('knows when a window can be shown', () => {
    expect(hasDisplay('linux', {})).toBe(false);
    expect(hasDisplay('linux', { WAYLAND_DISPLAY: 'wayland-0' })).toBe(true);
    expect(hasDisplay('darwin', {})).toBe(true);
    expect(launchArguments('/app', 0)).toContain('--no-sandbox');
    expect(launchArguments('/app', 1000)).toEqual(['/app']);
  });
});

describe('verifyFile', () => {
  const HELLO = 'sha256-2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';

  it('accepts the pinned content, by either hash', async () => {
    const file = join(folder, 'f');
    await writeFile(file, 'hello');
    await verifyFile(file, HELLO);
    await verifyFile(
      file,
      'sha512-m3HSJL1i83hdltRq0+o9czGb+8KJDKra4t/3JRlnPKcjI8PZm6XBHXx6zG4UuMXaDEZjR1wuXDre9G9zvN7AQw==',
    );
  });

  it('names the file and both checksums otherwise', async () => {
    const file = join(folder, 'wheel.whl');
    await writeFile(file, 'hellO');
    await expect(verifyFile(file, HELLO)).rejects.toThrow(/^wheel\.whl is not the file.*2cf24dba/);
  });
});

describe('withLock', () => {
  it('lets one in at a time', async () => {
    const lock = join(folder, 'lock');
    const seen: string[] = [];
    const work = (name: string) => async () => {
      seen.push(`${name} in`);
      await new Promise((done) => setTimeout(done, 20));
      seen.push(`${name} out`);
    };
    await Promise.all([withLock(lock, work('a')), withLock(lock, work('b'))]);
    expect(seen.map((entry) => entry.slice(2))).toEqual(['in', 'out', 'in', 'out']);
  });

  it('takes over from an owner that no longer lives', async () => {
    const lock = join(folder, 'lock');
    await mkdir(lock);
    await writeFile(join(lock, 'owner'), '2147483646 1');
    expect(await withLock(lock, async () => 'mine')).toBe('mine');
    await mkdir(lock);
    await writeFile(join(lock, 'owner'), `${process.pid} 1`);
    expect(await withLock(lock, async () => 'mine')).toBe('mine');
    expect(await readdir(folder)).toEqual([]);
  });

  it('is free again after a failure', async () => {
    const lock = join(folder, 'lock');
    await expect(
      withLock(lock, async () => {
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await withLock(lock, async () => 1)).toBe(1);
  });
});

describe('publish', () => {
  it('shows nothing of a try that failed, and fills only once', async () => {
    const place = join(folder, 'thing');
    const broken = publish(place, async (scratch) => {
      await writeFile(join(scratch, 'half'), '');
      throw new Error('cut off');
    });
    await expect(broken).rejects.toThrow('cut off');
    expect(isPublished(place)).toBe(false);
    let fills = 0;
    const fill = async (scratch: string) => {
      fills += 1;
      await writeFile(join(scratch, 'whole'), '');
    };
    await Promise.all([publish(place, fill), publish(place, fill)]);
    expect(fills).toBe(1);
    expect(await readdir(place)).toEqual(['.complete', 'whole']);
  });
});

describe('unzip', () => {
  it('writes chosen files only', async () => {
    const archive = join(folder, 'a.zip');
    const text = new TextEncoder().encode('library '.repeat(100));
    await writeFile(
      archive,
      zipSync({ 'x/lib.so': text, 'x/other': text, 'x/none': new Uint8Array() }),
    );
    const count = await unzip(
      archive,
      (name) => name.replace('x/', 'y/').replace(/.*other/, '') || undefined,
      folder,
    );
    expect(count).toBe(2);
    expect(await readFile(join(folder, 'y/lib.so'), 'utf8')).toBe('library '.repeat(100));
    expect(await readFile(join(folder, 'y/none'), 'utf8')).toBe('');
  });

  it('refuses a path that leaves the folder, and what is no archive', async () => {
    const archive = join(folder, 'a.zip');
    await writeFile(archive, zipSync({ '../evil': new Uint8Array([1]) }));
    await expect(unzip(archive, (name) => name, folder)).rejects.toThrow('outside its own folder');
    await writeFile(archive, 'PK nothing');
    await expect(unzip(archive, (name) => name, folder)).rejects.toThrow('not a complete zip');
  });
});

describe('sourceStamp', () => {
  it('changes with an edit, a new file and a removed one', async () => {
    await mkdir(join(folder, 'src'));
    await writeFile(join(folder, 'src/a.ts'), '1');
    const first = sourceStamp(folder, ['src', 'missing']);
    expect(sourceStamp(folder, ['src', 'missing'])).toBe(first);
    await writeFile(join(folder, 'src/b.ts'), '1');
    const second = sourceStamp(folder, ['src', 'missing']);
    expect(second).not.toBe(first);
    await writeFile(join(folder, 'src/a.ts'), '22');
    expect(sourceStamp(folder, ['src', 'missing'])).not.toBe(second);
  });
});
