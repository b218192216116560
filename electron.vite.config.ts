import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';
import { modulePath } from './scripts/vite/module-path.mjs';
import { wasmText } from './scripts/vite/wasm-text.mjs';

const root = dirname(fileURLToPath(import.meta.url));

export default defineConfig({
  main: {
    // A path within a worker's own bundle is more than electron-vite can make: that module is an entry
    // of its own, beside the folder of the bundles.
    plugins: [wasmText(), modulePath('../[name].js', ['writer-thread'])],
    build: {
      outDir: resolve(root, 'out/main'),
      sourcemap: true,
      rollupOptions: {
        input: {
          main: resolve(root, 'src-main/app/main.ts'),
          'writer-thread': resolve(root, 'src-main/worker/writer-thread.ts'),
        },
      },
    },
  },
  preload: {
    build: {
      outDir: resolve(root, 'out/preload'),
      // A sandboxed preload has no module resolution, so everything goes into one CommonJS file.
      externalizeDeps: false,
      rollupOptions: {
        input: { preload: resolve(root, 'src-main/app/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: resolve(root, 'src-renderer'),
    plugins: [svelte({ configFile: resolve(root, 'svelte.config.js') })],
    build: {
      outDir: resolve(root, 'out/renderer'),
      minify: true,
      sourcemap: true,
      // Inlined assets would need data: in the content security policy.
      assetsInlineLimit: 0,
      rollupOptions: {
        input: {
          index: resolve(root, 'src-renderer/index.html'),
          report: resolve(root, 'src-renderer/report.html'),
        },
      },
    },
  },
});
