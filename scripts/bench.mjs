#!/usr/bin/env node
// @ts-check
import { join } from 'node:path';
import { measureAll } from './bench/measure.mjs';
import { tables } from './bench/table.mjs';
import { buildCommandLine } from './build/builds.mjs';
import { ROOT } from './build/root.mjs';
import { provision, requireSqlite } from './provision/all.mjs';
import { writeWhole } from './provision/cache.mjs';
import { fail } from './provision/say.mjs';

try {
  requireSqlite(await provision(ROOT));
  await buildCommandLine(ROOT);
  const measures = measureAll(ROOT);
  const file = join(ROOT, 'artifacts/bench.json');
  await writeWhole(file, `${JSON.stringify(measures, null, 2)}\n`);
  process.stdout.write(`${tables(measures)}\nWritten to ${file}\n`);
} catch (error) {
  fail('the measurements failed', error);
}
