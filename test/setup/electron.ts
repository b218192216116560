import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication } from '@playwright/test';
import { readStatus } from '../../scripts/provision/status.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Path of the Electron that set-up provided. */
export function electronPath(): string {
  const path = process.env.DELTASCOPE_ELECTRON ?? readStatus()?.electron.path;
  if (!path) throw new Error('Electron is not set up: run `npm run provision`');
  return path;
}

/** Electron's first arguments: this checkout, without the sandbox where there is none to have. */
export function applicationArguments(): string[] {
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  // A virtual display has no graphics card, and looking for one sometimes never ends.
  return [root, ...sandbox, '--disable-gpu'];
}

/** Starts the built application, as a person would, with settings and runs in a folder of its own. */
export function launchApplication(
  userData: string,
  env: Record<string, string> = {},
  words: readonly string[] = [],
): Promise<ElectronApplication> {
  return _electron.launch({
    executablePath: electronPath(),
    args: [...applicationArguments(), `--user-data-dir=${userData}`, ...words],
    // The window's theme is the application's own affair.
    colorScheme: null,
    env: { ...definedEnvironment(), TF_CPP_MIN_LOG_LEVEL: '2', ...env },
  });
}

function definedEnvironment(): Record<string, string> {
  const pairs = Object.entries(process.env).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  );
  return Object.fromEntries(pairs);
}
