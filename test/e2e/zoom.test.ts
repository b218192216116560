import { expectAccessible } from './support/application';
import { expect, test } from './support/test';

test('the smallest window fits at 200 %, in the system’s own colours too', async ({
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
  await open(recorded.folder);
  await expect(explain.heading).toBeVisible();
  await explain.atRest();
  await application.evaluate(({ BrowserWindow }) => {
    const [shown] = BrowserWindow.getAllWindows();
    shown?.setContentSize(1024, 700);
    shown?.webContents.setZoomFactor(2);
  });
  await expect.poll(() => window.evaluate(() => [innerWidth, innerHeight])).toEqual([512, 350]);
  const tooWide = () =>
    window.evaluate(() => {
      const [main, page] = [document.querySelector('main'), document.documentElement];
      const body = main?.querySelector('.body') ?? page;
      return [page.scrollWidth - innerWidth, body.scrollWidth - body.clientWidth];
    });

  await test.step('one of two panes at a time, the other one as a tab', async () => {
    const panes = window.getByRole('radiogroup', { name: 'Shown' });
    await expect(explain.prediction).toBeVisible();
    await expect(explain.examples.first()).toBeHidden();
    await panes.getByText('Inputs', { exact: true }).click();
    await expect(explain.prediction).toBeHidden();
    await explain.examples.nth(1).click();
    await explain.atRest();
    await expect(explain.prediction).toBeVisible();
    await report.goTo();
    await expect(report.paper).toBeVisible({ timeout: 60_000 });
    await panes.getByText('Parts', { exact: true }).click();
    await expect(window.getByRole('list', { name: 'Sections' })).toBeVisible();
  });

  for (const view of [home, newRecording, monitor, explain, layers, report]) {
    await view.goTo();
    await view.atRest();
    expect(await tooWide(), await view.heading.innerText()).toEqual([0, 0]);
  }

  await test.step('what a colour would tell has a line in forced colours', async () => {
    await window.emulateMedia({ forcedColors: 'active' });
    await explain.goTo();
    const chosen = explain.layers.getByRole('tab', { selected: true });
    await expect(chosen).toHaveCSS('outline-style', 'solid');
    await expectAccessible(window);
  });
});
