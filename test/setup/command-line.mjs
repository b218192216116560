// @ts-check
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildCommandLine } from '../../scripts/build/builds.mjs';

/** Builds the command line once before the tests that start it; nothing to do where it is current. */
export default function setUp() {
  return buildCommandLine(resolve(dirname(fileURLToPath(import.meta.url)), '../..'));
}
