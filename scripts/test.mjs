#!/usr/bin/env node
// @ts-check
import { ROOT } from './build/root.mjs';
import { importCheck, plantedImportCheck } from './check/imports.mjs';
import { runChecks } from './check/run.mjs';
import { styleCheck, typeChecks } from './check/static.mjs';
import { buildChecks, endToEndCheck, vitestCheck } from './check/suites.mjs';
import { summaryLine } from './check/tally.mjs';
import { provision, requireSqlite } from './provision/all.mjs';
import { fail } from './provision/say.mjs';

/** @type {import('./check/tally.mjs').Tally} */
let tally = { passed: 0, failed: 1, skipped: 0 };
try {
  const status = await provision(ROOT);
  requireSqlite(status);
  tally = await runChecks(ROOT, [
    styleCheck(),
    ...typeChecks(),
    importCheck(),
    plantedImportCheck(),
    ...buildChecks(),
    vitestCheck(['unit', 'integration']),
    endToEndCheck(status),
  ]);
} catch (error) {
  fail('set-up failed, so nothing could be checked', error);
}
process.exitCode = tally.failed > 0 ? 1 : 0;
process.stdout.write(`\n${summaryLine(tally)}\n`);
