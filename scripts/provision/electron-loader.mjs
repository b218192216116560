// @ts-check

/**
 * Entry of the npm-borne Electron, which lacks the part of the official one that opens the
 * application named on the command line. It is a module, so that Electron holds back `ready` until
 * the application's own entry has run: custom protocols can only be declared before.
 */
export const LOADER = `import { app } from 'electron';
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

process.defaultApp = true;
const named = process.argv.slice(1).find((argument) => !argument.startsWith('-'));
if (named === undefined) {
  console.error('usage: electron FOLDER');
  process.exit(2);
}
let entry = resolve(named);
if (statSync(entry).isDirectory()) {
  const about = JSON.parse(readFileSync(join(entry, 'package.json'), 'utf8'));
  app.setAppPath(entry);
  if (about.version) app.setVersion(about.version);
  const name = about.productName ?? about.name;
  if (name) {
    app.setName(name);
    app.setPath('userData', join(app.getPath('appData'), name));
  }
  entry = join(entry, about.main ?? 'index.js');
}
await import(pathToFileURL(entry).href);
`;
