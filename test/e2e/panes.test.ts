import type { Locator, Page } from '@playwright/test';
import { expectAccessible, startApplication } from './support/application';
import { expect, test } from './support/test';

const border = (window: Page, name: 'Rail' | 'Inputs' | 'Parts') =>
  window.getByRole('separator', { name: `Width of ${name}`, exact: true });

/** Where something lies on the screen. */
async function boxOf(locator: Locator) {
  const box = await locator.boundingBox();
  if (!box) throw new Error(`${locator} is not shown`);
  return box;
}

/** Drags a border in steps, as a hand does; gives the widths of a figure, frame by frame. */
async function drag(window: Page, by: Locator, pixels: number, watched: Locator) {
  const { x, y, width, height } = await boxOf(by);
  const frames = watched.evaluate(async (element) => {
    const seen: [figure: number, drawn: number][] = [];
    const until = performance.now() + 1500;
    while (performance.now() < until) {
      await new Promise((next) => requestAnimationFrame(next));
      // After the frame is laid out and painted, its canvas has the size of its place.
      await new Promise((next) => setTimeout(next));
      const canvas = element.querySelector('canvas');
      seen.push([element.clientWidth, canvas?.clientWidth ?? 0]);
    }
    return seen;
  });
  await window.mouse.move(x + width / 2, y + height / 3);
  await window.mouse.down();
  for (let step = 1; step <= 8; step++) {
    await window.mouse.move(x + width / 2 + (pixels * step) / 8, y + height / 3);
  }
  await window.mouse.up();
  return frames;
}

test('borders of panes are dragged, moved by keys, kept in limits and remembered', async ({
  application,
  explain,
  open,
  recorded,
  report,
  window,
}) => {
  await application.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.setContentSize(1400, 800);
  });
  await open(recorded.folder);
  await explain.shown();
  const inputs = window.getByRole('region', { name: 'Inputs' });
  const rail = window.getByRole('navigation', { name: 'Screens' });
  const [ofInputs, ofRail] = [border(window, 'Inputs'), border(window, 'Rail')];
  const figure = explain.ridge.getByRole('figure');

  await test.step('by the pointer, and the charts go along frame by frame', async () => {
    expect((await boxOf(ofInputs)).width).toBeGreaterThanOrEqual(24);
    const [before, chart] = [await boxOf(inputs), await boxOf(figure)];
    const frames = await drag(window, ofInputs, 110, figure);
    expect((await boxOf(inputs)).width).toBe(before.width + 110);
    expect((await boxOf(figure)).width).toBeLessThan(chart.width);
    await expect(ofInputs).toHaveAttribute('aria-valuenow', `${before.width + 110}`);
    for (const [place, drawn] of frames) expect(drawn).toBe(place);
    // A third column of tiles has come.
    await expect(window.getByRole('grid', { name: 'Test examples' })).toHaveAttribute(
      'aria-colcount',
      '3',
    );
  });

  await test.step('a double click gives the usual width', async () => {
    await ofInputs.dblclick();
    await expect(ofInputs).toHaveAttribute('aria-valuenow', '224');
    expect((await boxOf(inputs)).width).toBe(224);
  });

  await test.step('by keys: arrows, ends and the usual width', async () => {
    await ofRail.focus();
    await window.keyboard.press('ArrowRight');
    await window.keyboard.press('ArrowRight');
    expect((await boxOf(rail)).width).toBe(192);
    await window.keyboard.press('ArrowLeft');
    expect((await boxOf(rail)).width).toBe(184);
    await window.keyboard.press('End');
    const most = Number(await ofRail.getAttribute('aria-valuemax'));
    expect((await boxOf(rail)).width).toBe(most);
    await window.keyboard.press('Home');
    const least = Number(await ofRail.getAttribute('aria-valuemin'));
    expect((await boxOf(rail)).width).toBe(least);
    await window.keyboard.press('Enter');
    expect((await boxOf(rail)).width).toBe(176);
  });

  await test.step('F6 goes from pane to pane', async () => {
    await rail.getByRole('button', { name: 'Explain' }).focus();
    await window.keyboard.press('F6');
    await window.keyboard.press('F6');
    await expect(inputs.locator(':focus')).toHaveCount(1);
    await window.keyboard.press('F6');
    await expect(inputs.locator(':focus')).toHaveCount(0);
    await expect(window.getByRole('main').locator(':focus')).toHaveCount(1);
  });

  await test.step('in the smallest window the work keeps its room, and the chosen width is given back', async () => {
    await ofInputs.focus();
    await window.keyboard.press('End');
    const chosen = (await boxOf(inputs)).width;
    await application.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]?.setContentSize(1024, 700);
    });
    await expect.poll(() => window.evaluate(() => innerWidth)).toBe(1024);
    await ofRail.focus();
    await window.keyboard.press('End');
    await expect.poll(async () => (await boxOf(explain.prediction)).width).toBeGreaterThan(400);
    const tooWide = await window.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(tooWide).toBe(0);
    await window.keyboard.press('Enter');
    await application.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]?.setContentSize(1400, 800);
    });
    await expect.poll(async () => (await boxOf(inputs)).width).toBe(chosen);
  });

  await test.step('in Report, too, and by a field of the settings', async () => {
    await report.goTo();
    await expect(report.paper).toBeVisible({ timeout: 60_000 });
    await border(window, 'Parts').focus();
    await window.keyboard.press('Shift+ArrowRight');
    await expect(border(window, 'Parts')).toHaveAttribute('aria-valuenow', '352');
    await window.keyboard.press('Control+,');
    await window.getByLabel('Width of Rail', { exact: true }).last().fill('210');
    await window.keyboard.press('Enter');
    await expect.poll(async () => (await boxOf(rail)).width).toBe(210);
    await expect(window.getByLabel('Width of Parts', { exact: true })).toHaveValue('352');
  });
});

test('the next start has the widths that were chosen', async () => {
  const first = await startApplication();
  await border(first.page, 'Rail').focus();
  await first.page.keyboard.press('Shift+ArrowRight');
  await expect(border(first.page, 'Rail')).toHaveAttribute('aria-valuenow', '240');
  // What was chosen is kept within a second.
  await first.page.waitForTimeout(1200);
  await first.app.close();

  const second = await startApplication(first.home);
  await expect(border(second.page, 'Rail')).toHaveAttribute('aria-valuenow', '240');
  const rail = second.page.getByRole('navigation', { name: 'Screens' });
  expect((await boxOf(rail)).width).toBe(240);
  await expectAccessible(second.page);
  await second.close();
});
