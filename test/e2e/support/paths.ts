import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout that these tests stand in; it is the one that is tested. */
export const checkout = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

export const commandLine = join(checkout, 'out/cli/main.mjs');

/** Pictures of the views, kept after the run. */
export const pictures = join(checkout, 'artifacts/e2e/views');
