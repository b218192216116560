import { app } from 'electron';
import { reportOf } from '../../src-shared/errors';
import { runCapture, runPrint, runRestricted, runWindow } from './application';
import { hardenContents } from './hardening';
import { registerScheme } from './protocol';
import { readStartMode, type StartMode } from './start-mode';

// TensorFlow would tell every user how it could have been compiled.
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
registerScheme();
hardenContents();
// Chromium looks up hosts of its own at start (dictionaries, updates): here no name resolves.
app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND');
// Root has no sandbox to offer (containers, headless machines); everyone else's pages all get one.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();

function start(): void {
  let mode: StartMode;
  try {
    mode = readStartMode(process.argv, process.cwd());
  } catch (error) {
    fail(error, 2);
    return;
  }
  // Two windows over the same registry would overwrite each other's list.
  if (mode.kind === 'window' && !app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  app
    .whenReady()
    .then(() => run(mode))
    .catch((error: unknown) => fail(error, 1));
}

async function run(mode: StartMode): Promise<void> {
  if (mode.kind === 'window') return runWindow(mode);
  if (mode.kind === 'release') return runRestricted(mode);
  if (mode.kind === 'print') await runPrint(mode);
  else await runCapture(mode);
  app.exit(0);
}

function fail(error: unknown, code: number): void {
  process.stderr.write(`deltascope: ${reportOf(error, 'app').message}\n`);
  app.exit(code);
}

start();
