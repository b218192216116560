import { expect, it } from 'vitest';
import { configuration } from '../../../scripts/package/configuration.mjs';
import { withRemedy } from '../../../scripts/package/pack.mjs';
import { executableOf } from '../../../scripts/provision/electron-runtime.mjs';
import type { ProvisionStatus } from '../../../scripts/provision/status.mjs';

it('a tool that could not be fetched is told of with what to do about it', () => {
  const found = withRemedy(new Error('getaddrinfo ENOTFOUND github.com'), ['AppImage']);
  expect((found as Error).message).toMatch(
    /could not fetch its tool for AppImage \(getaddrinfo ENOTFOUND github\.com\); try again .* npm run package, which needs no tool$/,
  );
});

it('and nothing else is', () => {
  const error = new Error('no icon');
  expect(withRemedy(error, ['AppImage'])).toBe(error);
});

it('packs the folder that Electron’s release was unpacked into, on every system', () => {
  for (const platform of ['linux', 'win32', 'darwin']) {
    const electron = { kind: 'supported', version: '45.0.0', why: null };
    const path = `/checkout/node_modules/electron/dist/${executableOf(platform)}`;
    const status = { electron: { ...electron, path }, engine: { path: null, why: 'none' } };
    const { electronDist } = configuration(status as ProvisionStatus, {
      output: '/dist',
      resources: '/resources',
    });
    expect(electronDist, platform).toBe('/checkout/node_modules/electron/dist');
  }
  expect(['linux', 'win32', 'darwin'].map(executableOf)).toEqual([
    'electron',
    'electron.exe',
    'Electron.app/Contents/MacOS/Electron',
  ]);
});
