#!/usr/bin/env node
// @ts-check
import { buildApplication } from './build/builds.mjs';
import { ROOT } from './build/root.mjs';
import { packApplication } from './package/pack.mjs';
import { provision, requireSqlite } from './provision/all.mjs';
import { fail, say } from './provision/say.mjs';

try {
  const status = await provision(ROOT);
  requireSqlite(status);
  await buildApplication(ROOT);
  const files = await packApplication(ROOT, status, process.argv.slice(2));
  for (const file of files) say(`made ${file}`);
} catch (error) {
  fail("the application can't be packed", error);
}
