// @ts-check
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { verifyFile } from './checksum.mjs';
import { TENSORFLOW_CPU, TENSORFLOW_CUDA } from './pins.mjs';
import { findCommand, runCommand } from './run-command.mjs';
import { SetUpError } from './say.mjs';

/** @typedef {import('./pins.mjs').Wheel} Wheel */
/** @typedef {{ kind: 'native-cpu' | 'native-cuda', wheel: Wheel }} EngineChoice */

/** @returns {boolean} whether the driver of an NVIDIA GPU is at work on this machine */
export function hasNvidiaGpu() {
  return existsSync('/proc/driver/nvidia/version') || existsSync('/dev/nvidia0');
}

/**
 * Chooses the TensorFlow library for a machine.
 *
 * @param {{ platform: string, arch: string, gpu: boolean }} machine
 * @returns {EngineChoice | undefined} undefined where no pinned library exists
 */
export function chooseEngine({ platform, arch, gpu }) {
  if (platform !== 'linux' || arch !== 'x64') return undefined;
  return gpu
    ? { kind: 'native-cuda', wheel: TENSORFLOW_CUDA }
    : { kind: 'native-cpu', wheel: TENSORFLOW_CPU };
}

/** @param {readonly Wheel[]} wheels @returns {string} a requirements file that pins every byte */
export function requirements(wheels) {
  return wheels
    .map((wheel) => `${wheel.name}==${wheel.version} --hash=sha256:${wheel.sha256}\n`)
    .join('');
}

/** @returns {Promise<string | undefined>} a Python that has pip */
export async function findPip() {
  for (const name of ['python3', 'python']) {
    const python = findCommand(name);
    if (python === undefined) continue;
    try {
      await runCommand(python, ['-m', 'pip', '--version']);
      return python;
    } catch {
      // This Python comes without pip, as Debian's does.
    }
  }
  return undefined;
}

/**
 * Downloads wheels without installing them; their own Python version doesn't matter, since only the
 * libraries inside are used.
 *
 * @param {readonly Wheel[]} wheels
 * @param {string} folder
 * @returns {Promise<string[]>} the files, in the order of `wheels`
 */
export async function downloadWheels(wheels, folder) {
  const python = await findPip();
  if (python === undefined) throw new SetUpError('pip for Python 3 is not installed');
  await mkdir(folder, { recursive: true });
  const list = join(folder, 'requirements.txt');
  await writeFile(list, requirements(wheels));
  const target = ['--python-version', '3.11', '--implementation', 'cp', '--only-binary=:all:'];
  for (const tag of ['manylinux_2_17_x86_64', 'manylinux2014_x86_64', 'manylinux1_x86_64']) {
    target.push('--platform', tag);
  }
  await runCommand(
    python,
    ['-m', 'pip', 'download', '--no-deps', '--require-hashes', '--no-cache-dir', ...target].concat(
      '--disable-pip-version-check',
      '--quiet',
      '-r',
      list,
      '-d',
      folder,
    ),
    { cwd: folder },
  );
  const files = await readdir(folder);
  return Promise.all(
    wheels.map(async (wheel) => {
      const start = `${wheel.name.replaceAll('-', '_')}-${wheel.version}-`;
      const file = files.find((name) => name.startsWith(start));
      if (file === undefined) throw new SetUpError(`pip gave no file for ${wheel.name}`);
      await verifyFile(join(folder, file), `sha256-${wheel.sha256}`);
      return join(folder, file);
    }),
  );
}
