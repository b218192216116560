import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { modulePath } from './scripts/vite/module-path.mjs';
import { wasmText } from './scripts/vite/wasm-text.mjs';

const root = dirname(fileURLToPath(import.meta.url));

/** The command line and the worker it starts, as plain Node modules without Electron. */
export default defineConfig({
  root,
  publicDir: false,
  plugins: [wasmText(), modulePath('./[name].mjs')],
  ssr: { external: true },
  build: {
    ssr: true,
    target: 'node20',
    outDir: resolve(root, 'out/cli'),
    emptyOutDir: true,
    sourcemap: true,
    rollupOptions: {
      input: {
        main: resolve(root, 'src-main/cli/main.ts'),
        compute: resolve(root, 'src-main/worker/compute.ts'),
        'writer-thread': resolve(root, 'src-main/worker/writer-thread.ts'),
      },
      output: {
        format: 'es',
        entryFileNames: '[name].mjs',
        chunkFileNames: '[name]-[hash].mjs',
      },
    },
  },
});
