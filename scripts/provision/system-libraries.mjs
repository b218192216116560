// @ts-check
import { readdirSync } from 'node:fs';
import { hasCompiler } from './compiler.mjs';
import { findCommand, runCommand } from './run-command.mjs';
import { reason, say } from './say.mjs';
import { findPip } from './wheels.mjs';

/** @typedef {import('./status.mjs').Lack} Lack */

/** What Electron loads. */
export const DEBIAN_RUNTIME = [
  'libnss3',
  'libatk1.0-0',
  'libatk-bridge2.0-0',
  'libcups2',
  'libgtk-3-0',
  'libgbm1',
  'libasound2',
  'libxss1',
];

/**
 * That, a font, a virtual screen for machines without one, and what the tests look with: a reader for
 * PDFs, keys for the desktop's dialogs, and a witness of system calls.
 */
const DEBIAN_PACKAGES = [
  ...DEBIAN_RUNTIME,
  'fonts-dejavu-core',
  'xvfb',
  'xauth',
  'poppler-utils',
  'xdotool',
  'strace',
];

const APT = ['-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=600'];

/**
 * Installs what has to come from the system; without root it can only name the command.
 *
 * @returns {Promise<Lack[]>}
 */
export async function provideSystemLibraries() {
  if (process.platform !== 'linux' || findCommand('dpkg-query') === undefined) return [];
  const missing = await missingPackages();
  if (missing.length === 0) return [];
  if (process.getuid?.() !== 0) return [lackOf(missing, 'you are not root')];
  say(`installing from Debian: ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    if (!hasPackageLists()) await runCommand('apt-get', ['update'], { env });
    try {
      await runCommand('apt-get', ['install', ...APT, ...missing], { env });
    } catch {
      // The lists may be older than what the mirror still has.
      await runCommand('apt-get', ['update'], { env });
      await runCommand('apt-get', ['install', ...APT, ...missing], { env });
    }
    return [];
  } catch (error) {
    say(`Debian's packages can't be installed: ${reason(error)}`);
    return [lackOf(missing, reason(error))];
  }
}

/** @param {string[]} missing @param {string} why @returns {Lack} */
function lackOf(missing, why) {
  return {
    what: `Debian packages are missing (${why}): ${missing.join(', ')}`,
    remedy: `sudo apt-get install ${missing.join(' ')}`,
  };
}

/** @returns {Promise<string[]>} */
async function missingPackages() {
  const installed = new Set();
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query fills these in
  const list = await runCommand('dpkg-query', ['-W', '-f', '${db:Status-Status} ${Package}\n']);
  for (const line of list.split('\n')) {
    if (line.startsWith('installed ')) installed.add(line.slice('installed '.length));
  }
  // Newer releases mark these names for their 64-bit time.
  const missing = DEBIAN_PACKAGES.filter(
    (name) => !installed.has(name) && !installed.has(`${name}t64`),
  );
  if (!hasCompiler()) missing.push('gcc', 'g++', 'libc6-dev');
  if ((await findPip()) === undefined) missing.push('python3-pip');
  return missing;
}

function hasPackageLists() {
  try {
    return readdirSync('/var/lib/apt/lists').some(
      (name) => name.endsWith('Packages') || name.includes('_Packages'),
    );
  } catch {
    return false;
  }
}
