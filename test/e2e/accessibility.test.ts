import { expect, test } from '@playwright/test';
import {
  atRest,
  expectAccessible,
  type RunningApplication,
  startApplication,
} from './support/application';

let running: RunningApplication;

test.beforeAll(async () => {
  running = await startApplication();
});

test.afterAll(async () => {
  await running.close();
});

for (const theme of ['light', 'dark'] as const) {
  for (const [key, name] of [
    ['1', 'Home'],
    ['2', 'New recording'],
    ['3', 'Monitor'],
    ['4', 'Explain'],
    ['5', 'Layers'],
    ['6', 'Release'],
    ['7', 'Report'],
  ] as const) {
    test(`axe finds nothing on ${name} without a run, ${theme}`, async () => {
      const { app, page } = running;
      await app.evaluate(({ nativeTheme }, choice) => {
        nativeTheme.themeSource = choice;
      }, theme);
      await page.keyboard.press(key);
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(name);
      await atRest(page);
      await expectAccessible(page);
    });
  }
}
