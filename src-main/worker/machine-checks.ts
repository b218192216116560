import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { SystemCheck } from '../../src-shared/contract/views';

/** What of the machine decides whether training can run on a graphics card. */
export interface Graphics {
  /** Version of NVIDIA's driver; null where none is at work. */
  readonly driver: string | null;
  /** Whether the engine that set-up chose was built with CUDA. */
  readonly cudaEngine: boolean;
  /** Libraries that this engine loads and that aren't there. */
  readonly missing: readonly string[];
  /** Where the engine computes now. */
  readonly device: 'GPU' | 'CPU';
}

/** Libraries of CUDA that lie beside the engine, by the beginnings of their names. */
const beside = ['libcudart.so', 'libcublas.so', 'libcudnn.so', 'libcufft.so', 'libcusparse.so'];
/** Where the driver puts its own library. */
const driverFolders = ['/usr/lib/x86_64-linux-gnu', '/usr/lib64', '/usr/lib', '/usr/lib/wsl/lib'];

/** Looks for a card, its driver and what the engine needs of CUDA. */
export function readGraphics(
  kind: string | undefined,
  enginePath: string | null | undefined,
  device: 'GPU' | 'CPU',
): Graphics {
  const cudaEngine = kind === 'native-cuda';
  const missing = cudaEngine && enginePath ? missingLibraries(join(enginePath, 'lib')) : [];
  return { driver: driverVersion(), cudaEngine, missing, device };
}

function missingLibraries(folder: string): string[] {
  const there = existsSync(folder) ? readdirSync(folder) : [];
  const lacking = beside.filter((name) => !there.some((file) => file.startsWith(name)));
  const driver = driverFolders.some((each) => existsSync(join(each, 'libcuda.so.1')));
  return driver ? lacking : [...lacking, 'libcuda.so.1'];
}

function driverVersion(): string | null {
  try {
    const text = readFileSync('/proc/driver/nvidia/version', 'utf8');
    return /\s(\d+\.\d+(?:\.\d+)?)\s/.exec(text)?.[1] ?? 'of unknown version';
  } catch {
    return existsSync('/dev/nvidia0') ? 'of unknown version' : null;
  }
}

/** The card, and the libraries without which it stands idle. */
export function graphicsChecks({ driver, cudaEngine, missing, device }: Graphics): SystemCheck[] {
  if (driver === null) {
    return [{ name: 'GPU', ok: true, detail: 'no NVIDIA card; the processor trains' }];
  }
  const card = `NVIDIA driver ${driver}`;
  if (device === 'GPU') return [{ name: 'GPU', ok: true, detail: `${card}, in use` }];
  if (!cudaEngine) {
    const advice = 'Run npm run provision in a checkout: it fetches TensorFlow with CUDA (2.2 GB).';
    return [{ name: 'GPU', ok: false, detail: `${card}, but the engine is without CUDA`, advice }];
  }
  const idle = { name: 'GPU', ok: false, detail: `${card}, but the engine does not use it` };
  if (missing.length === 0) {
    const advice = 'A newer driver may be needed: CUDA 12.5 asks for 525.60 or later.';
    return [{ ...idle, advice }];
  }
  const advice = missing.includes('libcuda.so.1')
    ? "Install the driver's libcuda1."
    : 'Remove the engine from the cache folder and run npm run provision.';
  return [idle, { name: 'CUDA', ok: false, detail: `missing: ${missing.join(', ')}`, advice }];
}

/** Less than this and a recording of some length ends with a full disk. */
const little = 5e9;

/** Room for recordings where the window puts them. */
export async function diskCheck(folder = homedir()): Promise<SystemCheck> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return spaceCheck(folder, bavail * bsize);
  } catch {
    return { name: 'Disk', ok: false, detail: `${folder} cannot be read` };
  }
}

export function spaceCheck(folder: string, free: number): SystemCheck {
  const detail = `${(free / 1e9).toFixed(1)} GB free in ${folder}`;
  if (free >= little) return { name: 'Disk', ok: true, detail };
  const advice = 'Free some space, or record into a folder on another disk.';
  return { name: 'Disk', ok: false, detail, advice };
}
