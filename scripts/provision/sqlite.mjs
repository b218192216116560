// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheRoot, publish } from './cache.mjs';
import { addonHeaders, compile, hasCompiler } from './compiler.mjs';
import { runCommand } from './run-command.mjs';
import { reason, SetUpError, say } from './say.mjs';

/** @typedef {import('./status.mjs').SqliteStatus} SqliteStatus */

const PACKAGE = 'node_modules/better-sqlite3';
const BINARY = 'better_sqlite3.node';
const PREBUILT_NODE_API = 10;
// Raised when the flags below change.
const REVISION = 2;

// The package asks for Node-API 10, which Node 20 and Electron 33 have only as an experiment.
const EXPERIMENTAL = [
  '-DNAPI_EXPERIMENTAL',
  '-DNAPI_VERSION=2147483647',
  '-DNODE_API_EXPERIMENTAL_NOGC_ENV_OPT_OUT',
  '-DNODE_API_EXPERIMENTAL_NO_WARNING',
];

// In that experiment finalizers run inside the garbage collector, where an add-on that uses objects
// ends the process, unless it posts them. The headers from npm leave the call for it out.
const PRELUDE = 'prelude.h';
const PRELUDE_TEXT = `#include <node_api.h>
#define NODE_API_EXPERIMENTAL_HAS_POST_FINALIZER
EXTERN_C_START
NAPI_EXTERN napi_status NAPI_CDECL node_api_post_finalizer(
    node_api_basic_env env, napi_finalize finalize, void* data, void* hint);
EXTERN_C_END
`;

/**
 * Tells whether SQLite's prebuilt binary can't serve. It doesn't fail politely: it ends the process.
 *
 * @param {{ nodeApi: number, electron: 'supported' | 'fallback' | 'none' }} runtimes
 * @returns {boolean}
 */
export function needsCompiledSqlite({ nodeApi, electron }) {
  return nodeApi < PREBUILT_NODE_API || electron === 'fallback';
}

/**
 * @param {string} root the checkout
 * @param {Promise<import('./status.mjs').ElectronStatus>} electron
 * @returns {Promise<SqliteStatus>}
 */
export async function provideSqlite(root, electron) {
  const nodeApi = Number(process.versions.napi ?? 0);
  try {
    // Compiling takes a minute, so it doesn't wait for Electron where Node alone decides.
    const compiled =
      nodeApi < PREBUILT_NODE_API ||
      needsCompiledSqlite({ nodeApi, electron: (await electron).kind });
    if (!compiled) {
      await check(root);
      return { kind: 'prebuilt', path: null, why: null };
    }
    const { version } = JSON.parse(readFileSync(join(root, PACKAGE, 'package.json'), 'utf8'));
    const name = `${version}-${process.platform}-${process.arch}-${REVISION}`;
    const folder = join(cacheRoot(), 'sqlite', name);
    await publish(folder, (scratch) => buildSqlite(root, scratch));
    await install(root, join(folder, BINARY));
    await check(root);
    const why = 'the prebuilt one needs Node 22.14 and Electron 35';
    return { kind: 'compiled', path: join(folder, BINARY), why };
  } catch (error) {
    say(`SQLite can't be set up: ${reason(error)}`);
    return { kind: 'none', path: null, why: reason(error) };
  }
}

/** @param {string} root @param {string} scratch */
async function buildSqlite(root, scratch) {
  if (!hasCompiler()) throw new SetUpError('there is no C++ compiler (g++)');
  say('compiling SQLite (about a minute, once)');
  const source = join(root, PACKAGE);
  const headers = addonHeaders(root);
  const amalgamation = join(source, 'deps/sqlite3');
  await writeFile(join(scratch, PRELUDE), PRELUDE_TEXT);
  await Promise.all([
    compile(
      ['-c', '-std=c99', '-w', '-fvisibility=hidden', ...sqliteOptions(source)].concat(
        join(amalgamation, 'sqlite3.c'),
        '-o',
        'sqlite3.o',
      ),
      { language: 'c', cwd: scratch },
    ),
    compile(
      ['-c', '-std=c++20', '-fvisibility=hidden', ...EXPERIMENTAL]
        .concat('-DNAPI_DISABLE_CPP_EXCEPTIONS', '-DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS')
        .concat('-DNODE_GYP_MODULE_NAME=better_sqlite3', '-include', PRELUDE)
        .concat(
          [headers.nodeApi, headers.nodeAddonApi, amalgamation].map((folder) => `-I${folder}`),
        )
        .concat(join(source, 'src/better_sqlite3.cpp'), '-o', 'addon.o'),
      { language: 'c++', cwd: scratch },
    ),
  ]);
  await compile(
    ['-shared', 'addon.o', 'sqlite3.o', '-Wl,-Bsymbolic', '-Wl,--exclude-libs,ALL', '-s'].concat(
      '-ldl',
      '-o',
      BINARY,
    ),
    { language: 'c++', cwd: scratch },
  );
  await Promise.all(['addon.o', 'sqlite3.o', PRELUDE].map((name) => rm(join(scratch, name))));
}

/** @param {string} source @returns {string[]} SQLite's compile-time options, as the package has them */
function sqliteOptions(source) {
  const text = readFileSync(join(source, 'deps/defines.gypi'), 'utf8');
  const options = [...text.matchAll(/'([A-Z0-9_]+(?:=[^']*)?)'/g)].map((match) => `-D${match[1]}`);
  if (options.length === 0)
    throw new SetUpError('the options to compile SQLite with were not found');
  return options;
}

/** @param {string} root @param {string} binary */
async function install(root, binary) {
  const folder = join(root, PACKAGE, 'build/Release');
  const target = join(folder, BINARY);
  if (existsSync(target) && readFileSync(target).equals(readFileSync(binary))) return;
  await mkdir(folder, { recursive: true });
  const scratch = `${target}.${process.pid}.part`;
  await copyFile(binary, scratch);
  await rename(scratch, target);
}

// What is wrong with an add-on may show only when its objects are collected.
export const SQLITE_EXERCISE = `
  const Database = require('better-sqlite3');
  for (let i = 0; i < 20; i += 1) {
    const database = new Database(':memory:');
    database.exec('create table t (a, b)');
    database.prepare('insert into t values (?, ?)').run('x', Buffer.alloc(8));
    for (const row of database.prepare('select * from t where a = @a').iterate({ a: 'x' })) row.b;
    if (i % 2 === 0) database.close();
  }
  gc();
`;

/** @param {string} root */
async function check(root) {
  await runCommand(process.execPath, ['--expose-gc', '-e', SQLITE_EXERCISE], { cwd: root });
}
