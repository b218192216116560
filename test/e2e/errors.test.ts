import { cp, mkdir, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { answerOpenDialog } from './support/dialogs';
import { expect, test } from './support/test';

test('a folder that is no run is refused in one sentence', async ({
  application,
  home,
  open,
  place,
  window,
}) => {
  const folder = join(place.root, 'holiday pictures');
  await mkdir(folder);
  await writeFile(join(folder, 'beach.txt'), 'sand');
  await open(folder);
  await expect(home.alert).toContainText('is not a Deltascope run: it has no run.json. DS-1202');
  await expect(home.alert).toContainText('holiday pictures');
  await expect(home.welcome).toBeVisible();

  await test.step('so is one that is gone', async () => {
    await open(join(place.root, 'gone'));
    await expect(home.alert).toContainText('DS-1201');
    await expect(home.welcome).toBeVisible();
  });

  await test.step('the sentence can be read by everyone', async () => {
    for (const theme of ['Light', 'Dark'] as const) {
      await home.chooseTheme(theme);
      const { violations } = await new AxeBuilder({ page: window }).setLegacyMode(true).analyze();
      const grave = violations.filter(
        ({ impact }) => impact === 'serious' || impact === 'critical',
      );
      expect(grave.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    }
  });

  await test.step('a cancelled dialog is no error', async () => {
    await answerOpenDialog(application, null);
    await home.openRun.click();
    await expect(home.alert).toBeHidden();
    await expect(home.welcome).toBeVisible();
  });
});

test('a damaged run says so in Explain, and the next one is explained', async ({
  explain,
  home,
  monitor,
  open,
  place,
  recorded,
  report,
  window,
}) => {
  const damaged = join(place.root, 'damaged');
  await cp(recorded.folder, damaged, { recursive: true });
  const [first = ''] = (await readdir(join(damaged, 'shards'))).sort();
  await truncate(join(damaged, 'shards', first), 1000);
  await open(damaged);
  await expect(explain.heading).toBeVisible();
  await expect(explain.alert).toContainText(/\. DS-1206/, { timeout: 30_000 });
  await expect(explain.alert).toContainText(first);
  await expect(explain.prediction).toBeHidden();
  await expect(window.getByRole('button', { name: 'Report' }).last()).toBeVisible();

  await test.step('verifying names the file, and the badge goes by it', async () => {
    await monitor.goTo();
    await expect(monitor.state('finished')).toBeVisible();
    await window.getByRole('button', { name: 'Verify' }).click();
    await expect(monitor.alert).toContainText(`damaged/shards/${first}`, { timeout: 60_000 });
    await window.getByRole('button', { name: 'Dismiss' }).click();
    await expect(monitor.alert).toBeHidden();
    // The run is called so, too.
    await expect(monitor.state('damaged').last()).toBeVisible();
    await expect(monitor.state('finished')).toBeHidden();
  });

  await test.step('so does its row in the list of runs', async () => {
    await home.goTo();
    const state = home.row('damaged').getByRole('cell').nth(5);
    await expect(state).toHaveText('damaged');
  });

  await open(recorded.folder);
  await explain.shown();
  await expect(explain.alert).toBeHidden();
  await expect(explain.certificate).toBeVisible();
  await monitor.goTo();
  await expect(monitor.state('finished')).toBeVisible();
  await home.goTo();
  await expect(home.row('damaged')).toBeVisible();

  await test.step('its report names the section that fails, and is not that of another run', async () => {
    await report.goTo();
    await expect(report.paper).toBeVisible({ timeout: 60_000 });
    await open(damaged);
    await expect(explain.alert).toContainText('DS-1206', { timeout: 30_000 });
    await report.goTo();
    await expect(report.alert).toContainText('The section “Cases” could not be made.');
    await expect(report.paper).toBeHidden();
  });
});
