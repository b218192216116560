#!/usr/bin/env node
// @ts-check
import { ROOT } from './build/root.mjs';
import { runChecks } from './check/run.mjs';
import { buildChecks, packageCheck, packagedCheck, vitestCheck } from './check/suites.mjs';
import { summaryLine } from './check/tally.mjs';
import { provision, requireSqlite } from './provision/all.mjs';
import { fail } from './provision/say.mjs';

try {
  const status = await provision(ROOT);
  requireSqlite(status);
  const tally = await runChecks(ROOT, [
    ...buildChecks(),
    packageCheck(status),
    packagedCheck(status),
    vitestCheck(['soak']),
  ]);
  process.exitCode = tally.failed > 0 ? 1 : 0;
  process.stdout.write(`\n${summaryLine(tally)}\n`);
} catch (error) {
  fail("the long tests can't start", error);
}
