import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cancelledError, DeltascopeError } from '../../src-shared/errors';
import { cacheFolder } from '../data/folders';

/** What set-up left in `provision.json` about Electron and displays. */
interface ProvisionedElectron {
  readonly electron: { readonly path: string | null };
  readonly display: { readonly xvfbRun: string | null };
}

/**
 * Runs the application with arguments, unseen where there is no display, and waits for its end.
 *
 * @throws `print-failed` where Electron or a display is missing, or the application fails
 */
export async function runApplication(args: readonly string[], signal: AbortSignal): Promise<void> {
  const root = checkout();
  const { electron, display } = provisioned();
  if (!electron.path || !existsSync(electron.path)) {
    throw failed('Electron is not set up, and reports are printed with it. Run npm start once.');
  }
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const command = [electron.path, root, ...sandbox, ...args];
  const seen = process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY ?? process.platform !== 'linux';
  if (!seen) {
    if (!display.xvfbRun) {
      throw failed('There is no display, and no virtual one: install xvfb and xauth.');
    }
    // A virtual display has no graphics card, and looking for one sometimes never ends.
    command.push('--disable-gpu');
    command.unshift(display.xvfbRun, '-a', '-s', '-screen 0 1920x1200x24');
  }
  await run(command, signal);
}

function run([program = '', ...args]: readonly string[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let errors = '';
    // A group of its own, so that an interruption ends the virtual display's children too.
    const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'pipe'], detached: true });
    const stop = (): void => {
      if (child.pid) process.kill(-child.pid, 'SIGTERM');
    };
    signal.addEventListener('abort', stop, { once: true });
    child.stderr.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(-8192);
    });
    child.on('error', (error) => reject(failed(`${program} did not start: ${error.message}`)));
    child.on('close', (code) => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) reject(cancelledError('cli'));
      else if (code === 0) resolve();
      else reject(failed(ownWords(errors) ?? `The application ended with code ${code}: ${errors}`));
    });
  });
}

/** The application's own sentence among what Chromium writes. */
function ownWords(errors: string): string | null {
  const line = errors.split('\n').find((each) => each.startsWith('deltascope: '));
  return line ? line.slice('deltascope: '.length) : null;
}

function provisioned(): ProvisionedElectron {
  try {
    const file = join(cacheFolder(), 'provision.json');
    return JSON.parse(readFileSync(file, 'utf8')) as ProvisionedElectron;
  } catch {
    return { electron: { path: null }, display: { xvfbRun: null } };
  }
}

/** The folder that holds the built application, above this module. */
function checkout(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'out/main/main.js'))) {
    const parent = dirname(folder);
    if (parent === folder) throw failed('The application is not built. Run npm run build.');
    folder = parent;
  }
  return folder;
}

function failed(message: string): DeltascopeError {
  return new DeltascopeError('print-failed', 'cli', message);
}
