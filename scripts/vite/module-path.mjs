// @ts-check
import { basename, isAbsolute } from 'node:path';

const SUFFIX = '?modulePath';
const PREFIX = '\0module-path:';

/**
 * Makes `import path from './worker/compute?modulePath'` work outside electron-vite: the import
 * becomes the absolute path of a module that is built as an entry of its own.
 *
 * @param {string} pattern where the built module lies; `[name]` stands for the module's name, and
 *   a relative pattern counts from the importing chunk
 * @param {readonly string[]} [only] the modules that are meant; the others are left to the next plugin
 * @returns {import('vite').Plugin}
 */
export function modulePath(pattern, only) {
  return {
    name: 'deltascope:module-path',
    enforce: 'pre',
    resolveId(source) {
      if (!source.endsWith(SUFFIX)) return null;
      const name = basename(source.slice(0, -SUFFIX.length)).replace(/\.ts$/, '');
      return only?.includes(name) === false ? null : PREFIX + name;
    },
    load(id) {
      if (!id.startsWith(PREFIX)) return null;
      const file = pattern.replace('[name]', id.slice(PREFIX.length));
      if (isAbsolute(file)) return `export default ${JSON.stringify(file)};`;
      return [
        "import { fileURLToPath } from 'node:url';",
        `export default fileURLToPath(new URL(${JSON.stringify(file)}, import.meta.url));`,
      ].join('\n');
    },
  };
}
