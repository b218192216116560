#!/usr/bin/env node
// @ts-check
import { join } from 'node:path';
import { become } from './build/become.mjs';
import { buildApplication, buildCommandLine } from './build/builds.mjs';
import { hasDisplay, launchArguments } from './build/launch.mjs';
import { ROOT } from './build/root.mjs';
import { provision, requireSqlite } from './provision/all.mjs';
import { fail, SetUpError, say } from './provision/say.mjs';

try {
  const status = await provision(ROOT);
  requireSqlite(status);
  const { electron } = status;
  await buildCommandLine(ROOT);
  await buildApplication(ROOT);
  const env = { TF_CPP_MIN_LOG_LEVEL: '2', ...process.env };
  if (!hasDisplay(process.platform, process.env)) {
    const folder = join(ROOT, 'artifacts/sample');
    say('there is no display, so the sample audit runs without a window');
    await become(process.execPath, [join(ROOT, 'out/cli/main.mjs'), 'sample', '--into', folder], {
      env,
    });
  } else {
    if (electron.path === null) throw new SetUpError(`Electron is missing (${electron.why})`);
    if (electron.kind === 'fallback') {
      say(`this is Electron ${electron.version}, for development only: ${electron.why}`);
    }
    const words = [...launchArguments(ROOT, process.getuid?.()), ...process.argv.slice(2)];
    await become(electron.path, words, { env });
  }
} catch (error) {
  fail("Deltascope can't start", error);
}
