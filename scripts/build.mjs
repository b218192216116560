#!/usr/bin/env node
// @ts-check
import { buildApplication, buildCommandLine } from './build/builds.mjs';
import { ROOT } from './build/root.mjs';
import { provision } from './provision/all.mjs';
import { fail } from './provision/say.mjs';

try {
  await provision(ROOT);
  await buildCommandLine(ROOT);
  await buildApplication(ROOT);
} catch (error) {
  fail('the build failed', error);
}
