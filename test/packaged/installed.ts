import { execFile } from 'node:child_process';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkout } from '../e2e/support/paths';

export const execute = promisify(execFile);

/** The Debian package that `npm run package` made. */
export async function debianPackage(): Promise<string> {
  const folder = join(checkout, 'dist');
  const name = (await readdir(folder)).find((each) => each.endsWith('.deb'));
  if (name === undefined) throw new Error('there is no package: run `npm run package`');
  return join(folder, name);
}

/** Unpacks the package as dpkg does, into a folder in place of the system's root. */
export async function unpackPackage(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'deltascope-installed-'));
  await execute('dpkg-deb', ['--extract', await debianPackage(), root]);
  return root;
}
