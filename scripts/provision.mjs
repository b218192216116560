#!/usr/bin/env node
// @ts-check
import { ROOT } from './build/root.mjs';
import { provision } from './provision/all.mjs';
import { fail, say } from './provision/say.mjs';
import { statusFile } from './provision/status.mjs';

try {
  await provision(ROOT, { force: true });
  say(`what is there is written down in ${statusFile()}`);
} catch (error) {
  fail('set-up failed', error);
}
