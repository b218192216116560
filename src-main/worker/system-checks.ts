import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { SystemCheck } from '../../src-shared/contract/views';
import { cacheFolder } from '../data/folders';
import { type EngineInfo, startEngine } from '../engine/backend';
import { diskCheck, graphicsChecks, readGraphics } from './machine-checks';

/** The part of set-up's status file (`provision.json` in the cache folder) that is told here. */
interface ProvisionStatus {
  readonly engine: {
    readonly kind: string;
    readonly version: string | null;
    readonly path: string | null;
    readonly why: string | null;
  };
  readonly electron: {
    readonly kind: 'supported' | 'fallback' | 'none';
    readonly version: string | null;
    readonly why: string | null;
  };
  readonly sqlite: { readonly kind: 'prebuilt' | 'compiled' | 'none'; readonly why: string | null };
  readonly display: { readonly xvfbRun: string | null };
  readonly lacks: readonly { readonly what: string; readonly remedy: string }[];
}

/** Whether this is the installed application, which needs no set-up, rather than a checkout. */
const installed = import.meta.url.includes('app.asar');

/** What is there on this machine, tried rather than believed, and what to do about each lack. */
export async function systemChecks(): Promise<SystemCheck[]> {
  const status = installed ? null : provisionStatus();
  const lacks = status?.lacks ?? [];
  const engine = await startEngine();
  return [
    { name: 'Node', ok: true, detail: process.versions.node },
    engineCheck(engine, status),
    { name: 'Threads', ok: true, detail: `${availableParallelism()} processor cores` },
    ...graphicsChecks(readGraphics(status?.engine.kind, status?.engine.path, engine.device)),
    await diskCheck(),
    sqliteCheck(status),
    electronCheck(status),
    displayCheck(status),
    ...lacks.map(({ what, remedy }) => ({ name: 'Lack', ok: false, detail: what, advice: remedy })),
  ];
}

function engineCheck(engine: EngineInfo, status: ProvisionStatus | null): SystemCheck {
  const { backend, device, threads, version, reason } = engine;
  const library = status?.engine.version ? `, TensorFlow ${status.engine.version}` : '';
  if (backend === 'tensorflow') {
    const detail = `TensorFlow.js ${version}${library} on the ${device}, ${threads} threads`;
    return { name: 'Engine', ok: true, detail };
  }
  return {
    name: 'Engine',
    ok: false,
    detail: `the fallback '${backend}' (${status?.engine.why ?? reason ?? 'no native library'})`,
    advice: installed
      ? 'Recording works but is several times slower; this package came without the native library.'
      : 'Recording works but is several times slower; install python3-pip and build-essential, then run npm start again.',
  };
}

function sqliteCheck(status: ProvisionStatus | null): SystemCheck {
  try {
    // A binary for another Node doesn't fail to load: it ends the process.
    if (status?.sqlite.kind === 'none') throw new Error(status.sqlite.why ?? 'it is not set up');
    const database = new Database(':memory:');
    const version = database.prepare('SELECT sqlite_version()').pluck().get();
    database.close();
    return { name: 'SQLite', ok: true, detail: String(version) };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return {
      name: 'SQLite',
      ok: false,
      detail,
      advice: installed
        ? 'Install the package anew.'
        : 'Install build-essential, then run npm start again.',
    };
  }
}

function electronCheck(status: ProvisionStatus | null): SystemCheck {
  const running = process.versions.electron;
  const { kind = 'none', version = null, why = null } = status?.electron ?? {};
  if (running || kind === 'supported') {
    return { name: 'Electron', ok: true, detail: running ?? version ?? '' };
  }
  if (kind === 'fallback') {
    const detail = `${version}, the runtime that npm carries${why ? ` (${why})` : ''}`;
    return { name: 'Electron', ok: true, detail };
  }
  const detail = why ?? 'not set up yet';
  return { name: 'Electron', ok: false, detail, advice: 'Run npm start to set it up.' };
}

function displayCheck(status: ProvisionStatus | null): SystemCheck {
  const display = process.env.WAYLAND_DISPLAY ?? process.env.DISPLAY;
  if (display) return { name: 'Display', ok: true, detail: display };
  const virtual = status?.display.xvfbRun;
  if (virtual) return { name: 'Display', ok: true, detail: 'none; a virtual one (Xvfb) serves' };
  return {
    name: 'Display',
    ok: false,
    detail: 'none, and no virtual one',
    advice: 'Install xvfb and xauth to print reports without a display.',
  };
}

function provisionStatus(): ProvisionStatus | null {
  try {
    return JSON.parse(
      readFileSync(join(cacheFolder(), 'provision.json'), 'utf8'),
    ) as ProvisionStatus;
  } catch {
    return null;
  }
}
