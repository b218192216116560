#!/usr/bin/env node
// @ts-check
import { join } from 'node:path';
import { measureAll } from './bench/measure.mjs';
import { tables } from './bench/table.mjs';
import { buildApplication, buildCommandLine } from './build/builds.mjs';
import { ROOT } from './build/root.mjs';
import { provision, requireSqlite } from './provision/all.mjs';
import { writeWhole } from './provision/cache.mjs';
import { fail } from './provision/say.mjs';

// What is being measured ends by the same key, and then its temporary folders are removed.
process.on('SIGINT', () => undefined);

try {
  const status = await provision(ROOT);
  requireSqlite(status);
  await buildCommandLine(ROOT);
  await buildApplication(ROOT);
  const measures = measureAll(ROOT, status);
  const file = join(ROOT, 'artifacts/bench.json');
  await writeWhole(file, `${JSON.stringify(measures, null, 2)}\n`);
  process.stdout.write(`${tables(measures)}\nWritten to ${file}\n`);
} catch (error) {
  fail('the measurements failed', error);
}
