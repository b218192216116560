import { access, lstat, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { expect, test } from '@playwright/test';
import { electronPath } from '../setup/electron';
import { debianPackage, execute, unpackPackage } from './installed';

/** What the package holds, and what its program can't be made to do. */
let root: string;
let program: string;

test.beforeAll(async () => {
  root = await unpackPackage();
  program = join(root, 'opt/Deltascope/deltascope');
});

test.afterAll(() => rm(root, { recursive: true, force: true }));

test('the package names what it needs, and lies where a desktop looks', async () => {
  const { stdout } = await execute('dpkg-deb', ['--field', await debianPackage()]);
  expect(stdout).toMatch(/^Package: deltascope$/m);
  expect(stdout).toMatch(/^Depends: .*libgtk-3-0 \| libgtk-3-0t64/m);
  expect(await readlink(join(root, 'usr/bin/deltascope'))).toBe('/opt/Deltascope/deltascope');
  const entry = await readFile(join(root, 'usr/share/applications/deltascope.desktop'), 'utf8');
  expect(entry).toContain('Exec=/opt/Deltascope/deltascope');
  const listing = await execute('dpkg-deb', ['--contents', await debianPackage()]);
  expect(listing.stdout).toMatch(/^-rwsr-xr-x root\/root .*\/chrome-sandbox$/m);
  expect(listing.stdout).not.toMatch(/^\S+ (?!root\/root)/m);
});

test('native parts lie outside of the archive, and nothing of the sources is in it', async () => {
  const resources = join(root, 'opt/Deltascope/resources');
  const unpacked = join(resources, 'app.asar.unpacked/node_modules');
  const engine = join(unpacked, '@tensorflow/tfjs-node-gpu');
  await access(join(engine, 'lib/napi-v8/tfjs_binding.node'));
  const link = await lstat(join(engine, 'deps/lib/libtensorflow.so'));
  expect(link.isSymbolicLink()).toBe(true);
  await access(join(engine, 'deps/lib/libtensorflow_cc.so.2'));
  await access(join(unpacked, 'better-sqlite3'));
  await expect(access(join(resources, 'app'))).rejects.toThrow();
  const { header } = archiveHeader(await readFile(join(resources, 'app.asar')));
  expect(Object.keys(header.files).sort()).toEqual([
    'node_modules',
    'out',
    'package.json',
    'resources',
  ]);
  expect(Object.keys(header.files.out?.files ?? {}).sort()).toEqual([
    'main',
    'preload',
    'renderer',
  ]);
  expect(JSON.stringify(header)).not.toMatch(/\.(map|ts|svelte)"/);
});

test('the fuses are those of a finished product', async () => {
  const wire = await getCurrentFuseWire(program);
  const on = [
    FuseV1Options.EnableCookieEncryption,
    FuseV1Options.EnableEmbeddedAsarIntegrityValidation,
    FuseV1Options.OnlyLoadAppFromAsar,
  ];
  const off = [
    FuseV1Options.RunAsNode,
    FuseV1Options.EnableNodeOptionsEnvironmentVariable,
    FuseV1Options.EnableNodeCliInspectArguments,
    FuseV1Options.LoadBrowserProcessSpecificV8Snapshot,
    FuseV1Options.GrantFileProtocolExtraPrivileges,
  ];
  // The wire is written in digits.
  for (const fuse of on) expect(wire[fuse], FuseV1Options[fuse]).toBe(0x31);
  for (const fuse of off) expect(wire[fuse], FuseV1Options[fuse]).toBe(0x30);
});

test('neither variables nor switches make it run other code', async () => {
  const trap = join(root, 'trap.cjs');
  const sprung = join(root, 'sprung');
  await writeFile(trap, `require('node:fs').writeFileSync(${JSON.stringify(sprung)}, '');\n`);
  // It ends by itself, with its own sentence, since there is no such list.
  const ends = ['--no-sandbox', '--disable-gpu', '--print-reports', 'no-list.json'];
  const attempts: readonly [string, readonly string[], NodeJS.ProcessEnv, RegExp][] = [
    ['as Node', [trap], { ELECTRON_RUN_AS_NODE: '1' }, /^$/],
    ['options', [], { NODE_OPTIONS: `--require=${trap}` }, /^$/],
    ['debugger', ['--inspect=127.0.0.1:0'], {}, /Debugger listening/],
    ['debugger, halted', ['--inspect-brk=127.0.0.1:0'], {}, /Debugger listening/],
  ];
  for (const [name, switches, env, betrayal] of attempts) {
    const failure = await execute(program, [...switches, ...ends], {
      env: { ...process.env, ...env },
      timeout: 30_000,
    }).catch((error: { code: unknown; stderr: string }) => error);
    expect(failure.stderr, name).toMatch(/deltascope: .*no-list/);
    if (betrayal.source !== '^$') expect(failure.stderr, name).not.toMatch(betrayal);
    await expect(access(sprung), name).rejects.toThrow();
  }
  // The trap works where fuses allow it.
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  await execute(electronPath(), [trap], { env });
  await access(sprung);
});

interface Entry {
  readonly files?: Readonly<Record<string, Entry>>;
}

/** An asar archive begins with four lengths and its table of files as JSON. */
function archiveHeader(archive: Buffer): { header: Required<Entry> } {
  const length = archive.readUInt32LE(12);
  return { header: JSON.parse(archive.toString('utf8', 16, 16 + length)) };
}
