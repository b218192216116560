#!/usr/bin/env node
// @ts-check
import { join } from 'node:path';
import { become } from './build/become.mjs';
import { buildApplication, buildCommandLine } from './build/builds.mjs';
import { ROOT } from './build/root.mjs';
import { provision, requireSqlite } from './provision/all.mjs';
import { fail } from './provision/say.mjs';

// npm moves to the checkout; relative paths count from where the person stands.
const viaNpm = process.env.npm_lifecycle_event === 'deltascope';
const cwd = (viaNpm && process.env.INIT_CWD) || process.cwd();

/** Commands that open no run. */
const WITHOUT_RUNS = ['help', '--help', 'doctor', 'models', 'data'];

try {
  const status = await provision(ROOT);
  if (!WITHOUT_RUNS.includes(process.argv[2] ?? 'help')) requireSqlite(status);
  await buildCommandLine(ROOT);
  // Reports are printed by the application itself.
  if (['report', 'sample'].includes(process.argv[2] ?? '')) await buildApplication(ROOT);
  await become(process.execPath, [join(ROOT, 'out/cli/main.mjs'), ...process.argv.slice(2)], {
    cwd,
    env: { TF_CPP_MIN_LOG_LEVEL: '2', ...process.env },
  });
} catch (error) {
  fail("the command line can't start", error);
}
