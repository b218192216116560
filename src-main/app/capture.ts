import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BrowserWindow, nativeTheme } from 'electron';
import type { WindowCommand } from '../../src-shared/contract/window-command';
import { DeltascopeError } from '../../src-shared/errors';
import { sendCommand } from './ipc';

const size = { width: 1280, height: 800 } as const;
const quietWithinMs = 240_000;

/**
 * Walks the window through its views over one run, in light and dark, and saves a picture of each.
 * Gives the files' paths.
 */
export async function captureViews(
  window: BrowserWindow,
  run: string,
  folder: string,
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  window.setContentSize(size.width, size.height);
  window.showInactive();
  const walk: readonly [string, WindowCommand][] = [
    ['1-home', { kind: 'show', screen: 'home' }],
    ['2-new-recording', { kind: 'show', screen: 'new' }],
    ['3-monitor', { kind: 'show', screen: 'monitor', run }],
    ['4-explain', { kind: 'explain-first', run, filter: 'misclassified' }],
    ['5-layers', { kind: 'show', screen: 'layers' }],
    ['6-release', { kind: 'show', screen: 'release' }],
    ['7-report', { kind: 'show', screen: 'report' }],
    ['8-settings', { kind: 'show', screen: 'settings' }],
  ];
  const files: string[] = [];
  for (const [name, command] of walk) {
    sendCommand(window, command);
    await waitUntilQuiet(window);
    for (const theme of ['light', 'dark'] as const) {
      nativeTheme.themeSource = theme;
      await waitUntilQuiet(window);
      const file = join(folder, `${name}-${theme}.png`);
      const picture = await window.webContents.capturePage();
      await writeFile(file, picture.resize({ ...size, quality: 'best' }).toPNG());
      files.push(file);
    }
  }
  return files;
}

/** Waits until the window has no open question and has drawn the answers. */
async function waitUntilQuiet(window: BrowserWindow): Promise<void> {
  const until = performance.now() + quietWithinMs;
  let quiet = 0;
  while (quiet < 6) {
    if (performance.now() > until) {
      throw new DeltascopeError('internal', 'app', 'A view did not come to rest in time.');
    }
    await new Promise((resolve) => setTimeout(resolve, 120));
    const busy: unknown = await window.webContents.executeJavaScript(
      'document.body.getAttribute("aria-busy") !== "false"',
    );
    quiet = busy ? 0 : quiet + 1;
  }
}
