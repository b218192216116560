#!/usr/bin/env node
// @ts-check
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { provision } from './provision/all.mjs';
import { reason, say } from './provision/say.mjs';
import { statusFile } from './provision/status.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

try {
  await provision(root, { force: true });
  say(`what is there is written down in ${statusFile()}`);
} catch (error) {
  say(`set-up failed: ${reason(error)}`);
  process.exitCode = 1;
}
