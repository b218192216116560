import { cp, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { answerOpenDialog } from './support/dialogs';
import { runName } from './support/recorded-run';
import { expect, test } from './support/test';

test('runs are found by palette, locked, taken off and put back, and located where they moved', async ({
  application,
  explain,
  home,
  open,
  place,
  recorded,
  window,
}) => {
  const folder = join(place.root, runName);
  await cp(recorded.folder, folder, { recursive: true });
  await open(folder);
  await explain.atRest();
  const { keyboard } = window;

  await test.step('the palette has commands and runs', async () => {
    await keyboard.press('Control+k');
    const palette = window.getByRole('dialog', { name: 'Commands' });
    await expect(palette).toBeVisible();
    await keyboard.type('home');
    await keyboard.press('Enter');
    await expect(home.heading).toBeVisible();
    await keyboard.press('Control+k');
    await keyboard.type(runName);
    await keyboard.press('Enter');
    await expect(explain.heading).toBeVisible();
    await explain.atRest();
    await keyboard.press('1');
  });

  await test.step('a command of the palette may open a dialog of its own', async () => {
    await keyboard.press('Control+k');
    await keyboard.type('numbers');
    await keyboard.press('Enter');
    const numbers = window.getByRole('dialog', { name: 'What the numbers mean' });
    await expect(numbers.getByRole('button', { name: 'Close' })).toBeFocused();
    await keyboard.press('Escape');
    await expect(numbers).toBeHidden();
  });

  await test.step('a locked run stays; an unlocked one goes, and comes back by Ctrl Z', async () => {
    const lock = window.getByRole('button', { name: `Lock ${runName}` });
    const forget = window.getByRole('button', { name: `Take ${runName} off the list` });
    await lock.click();
    await expect(forget).toBeDisabled();
    await lock.click();
    await forget.click();
    await expect(home.row(runName)).toBeHidden();
    await expect(window.getByText('Taken off the list: 1')).toBeVisible();
    await keyboard.press('Control+z');
    await expect(home.row(runName)).toBeVisible();
    await expect(window.getByText('Taken off the list: 1')).toBeHidden();
  });

  await test.step('a note is kept with the run, and taken back by Ctrl Z', async () => {
    await home.row(runName).getByRole('button', { name: runName, exact: true }).click();
    await explain.atRest();
    await keyboard.press('1');
    await window.getByLabel('Note', { exact: true }).fill('For the board');
    await expect(home.row(runName)).toContainText('For the board');
    await home.heading.click();
    await keyboard.press('Control+z');
    await expect(home.row(runName)).not.toContainText('For the board');
  });

  await test.step('a folder that has moved is located', async () => {
    await mkdir(join(place.root, 'moved'));
    const moved = join(place.root, 'moved', runName);
    await rename(folder, moved);
    await window.getByRole('navigation').getByRole('button', { name: 'Monitor' }).click();
    await home.goTo();
    const row = home.runs.getByRole('row').filter({ hasText: 'not reachable' });
    await expect(row).toBeVisible();
    await answerOpenDialog(application, moved);
    await row.getByRole('button', { name: `Locate ${runName}` }).click();
    await expect(home.row(runName)).toContainText('finished');
  });
});
