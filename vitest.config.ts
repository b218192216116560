import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { modulePath } from './scripts/vite/module-path.mjs';
import { wasmText } from './scripts/vite/wasm-text.mjs';
import { provideGroupBy } from './test/setup/group-by.mjs';

provideGroupBy();

const root = dirname(fileURLToPath(import.meta.url));

export default defineConfig({
  // A worker thread can't run TypeScript, so tests start the worker of the built command line.
  plugins: [svelte(), wasmText(), modulePath(resolve(root, 'out/cli/[name].mjs'))],
  test: {
    // Native modules can't be loaded into several VM contexts of one process.
    pool: 'forks',
    maxWorkers: 2,
    env: { TF_CPP_MIN_LOG_LEVEL: '2' },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.{ts,mjs}'],
          globalSetup: ['test/setup/temporary.mjs', 'test/setup/command-line.mjs'],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.{ts,mjs}'],
          globalSetup: ['test/setup/temporary.mjs', 'test/setup/command-line.mjs'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'soak',
          include: ['test/soak/**/*.test.{ts,mjs}'],
          globalSetup: ['test/setup/temporary.mjs'],
          testTimeout: 3_600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
