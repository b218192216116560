import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll } from 'vitest';
import { modulePath } from '../../../scripts/vite/module-path.mjs';

/** More steps than any test waits for. */
export const endless = '1000000';

const here = dirname(fileURLToPath(import.meta.url));

/**
 * Builds a program of this folder, which may start a writer's thread, before the tests of a file.
 *
 * @returns its path
 */
export function builtProgram(name: 'recording-child' | 'repacking-child'): string {
  // Below node_modules, so that the child finds its packages.
  const built = resolve(here, `../../../node_modules/.cache/deltascope-${name}-${process.pid}`);
  beforeAll(async () => {
    mkdirSync(built, { recursive: true });
    await build({
      configFile: false,
      logLevel: 'error',
      plugins: [modulePath('./[name].mjs')],
      ssr: { external: true },
      build: {
        ssr: true,
        outDir: built,
        target: 'node20',
        rollupOptions: {
          input: {
            child: join(here, `${name}.ts`),
            'writer-thread': resolve(here, '../../../src-main/worker/writer-thread.ts'),
          },
          output: { format: 'es', entryFileNames: '[name].mjs' },
        },
      },
    });
  });
  afterAll(() => rmSync(built, { recursive: true, force: true }));
  return join(built, 'child.mjs');
}
