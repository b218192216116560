// @ts-check
import { readFileSync } from 'node:fs';
import wabt from 'wabt';

const SUFFIX = '.wat';

/**
 * Makes `import bytes from './kernels.wat'` give the assembled WebAssembly module as bytes.
 *
 * @returns {import('vite').Plugin}
 */
export function wasmText() {
  return {
    name: 'deltascope:wasm-text',
    enforce: 'pre',
    async load(id) {
      if (!id.endsWith(SUFFIX)) return null;
      this.addWatchFile(id);
      const features = { simd: true, threads: true, bulk_memory: true };
      const { parseWat } = await wabt();
      const module = parseWat(id, readFileSync(id, 'utf8'), features);
      try {
        module.resolveNames();
        // The package's types leave out that the check, too, must be told what is allowed.
        /** @type {{ validate(allowed: object): void }} */
        const checkable = module;
        checkable.validate(features);
        const { buffer } = module.toBinary({});
        const text = JSON.stringify(Buffer.from(buffer).toString('base64'));
        return `export default Uint8Array.from(atob(${text}), (c) => c.charCodeAt(0));`;
      } finally {
        module.destroy();
      }
    },
  };
}
