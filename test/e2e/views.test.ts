import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pictures } from './support/paths';
import { expect, test } from './support/test';

const sizes = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
] as const;

test('every view fits both sizes in both themes, without a complaint from its first line on', async ({
  application,
  explain,
  home,
  layers,
  monitor,
  newRecording,
  open,
  recorded,
  report,
  window,
}) => {
  await mkdir(pictures, { recursive: true });
  // What is said before the window is found is said again when it is loaded anew.
  await window.reload();
  await open(recorded.folder);
  await expect(explain.heading).toBeVisible();
  await explain.atRest();
  const views = [
    ['1-home', home],
    ['2-new-recording', newRecording],
    ['3-monitor', monitor],
    ['4-explain', explain],
    ['5-layers', layers],
    ['6-report', report],
  ] as const;
  for (const [name, view] of views) {
    await view.goTo();
    await view.atRest();
    if (view === newRecording) await expect(newRecording.start).toBeEnabled({ timeout: 60_000 });
    if (view === report) await expect(report.paper).toBeVisible();
    for (const size of sizes) {
      await application.evaluate(({ BrowserWindow }, { width, height }) => {
        BrowserWindow.getAllWindows()[0]?.setContentSize(width, height);
      }, size);
      await expect
        .poll(() => window.evaluate(() => [innerWidth, innerHeight]))
        .toEqual([size.width, size.height]);
      const overflow = await window.evaluate(
        () => document.documentElement.scrollWidth - innerWidth,
      );
      expect(overflow, `${name} at ${size.width}: what doesn't fit`).toBe(0);
      const taken: Buffer[] = [];
      for (const theme of ['Light', 'Dark'] as const) {
        await view.chooseTheme(theme);
        await expect
          .poll(() => window.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches))
          .toBe(theme === 'Dark');
        await view.atRest();
        const file = join(
          pictures,
          `${name}-${size.width}x${size.height}-${theme.toLowerCase()}.png`,
        );
        await window.screenshot({ path: file, animations: 'disabled' });
        taken.push(await readFile(file));
      }
      for (const picture of taken) {
        expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([
          size.width,
          size.height,
        ]);
      }
      expect(taken[0]?.equals(taken[1] ?? Buffer.alloc(0))).toBe(false);
    }
  }
});
