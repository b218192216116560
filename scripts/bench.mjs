#!/usr/bin/env node
// @ts-check
import { join } from 'node:path';
import { become } from './build/become.mjs';
import { buildCommandLine } from './build/builds.mjs';
import { ROOT } from './build/root.mjs';
import { provision } from './provision/all.mjs';
import { fail } from './provision/say.mjs';

try {
  await provision(ROOT);
  await buildCommandLine(ROOT);
  await become(process.execPath, [join(ROOT, 'test/bench/main.mjs'), ...process.argv.slice(2)], {
    cwd: ROOT,
    env: { TF_CPP_MIN_LOG_LEVEL: '2', ...process.env },
  });
} catch (error) {
  fail("the measurements can't start", error);
}
