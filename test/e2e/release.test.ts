import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Release as ReleaseFile } from '../../src-shared/privacy/release';
import { expectAccessible } from './support/application';
import { answerSaveDialog } from './support/dialogs';
import { press, tabTo } from './support/keyboard';
import { Release } from './support/release';
import { expect, test } from './support/test';

test('what the rules let through is decided, released, and opens as aggregates only', async ({
  application,
  open,
  place,
  explain,
  recorded,
  window,
}) => {
  const folder = join(place.root, 'audited');
  await cp(recorded.folder, folder, { recursive: true });
  await open(folder);
  await expect(explain.heading).toBeVisible();
  const release = new Release(window);
  await release.goTo();

  await test.step('every output is checked', async () => {
    await release.check.click();
    await expect(release.outputs).toHaveCount(7, { timeout: 60_000 });
    // 200 test examples are too few for a table of ten by ten classes.
    await expect(release.output('Confusion by class')).toContainText('fail');
    await release.output('Confusion by class').click();
    await expect(release.approve).toBeHidden();
    await expect(release.release).toBeDisabled();
    await expect(release.missing).toContainText('Undecided: ');
    for (const theme of ['Light', 'Dark'] as const) {
      await release.chooseTheme(theme);
      await expectAccessible(window);
    }
  });

  await test.step('one is rejected with a reason; that can be taken back', async () => {
    await release.output('Influence by epoch').click();
    await expect(release.reject).toBeDisabled();
    await release.reason.fill('Not asked for.');
    await release.reject.click();
    await expect(release.output('Influence by epoch')).toContainText('rejected');
    await window.getByRole('button', { name: 'Undo' }).click();
    await expect(release.output('Influence by epoch')).toContainText('undecided');
  });

  await test.step('the others are approved; author and checker must be two', async () => {
    await release.output('Influence by epoch').click();
    await release.reason.fill('Not asked for.');
    await release.reject.click();
    await expect(release.output('Influence by epoch')).toContainText('rejected');
    const undecided = release.outputs.filter({ hasText: 'undecided' });
    for (let left = await undecided.count(); left > 0; left--) {
      await expect(undecided).toHaveCount(left);
      await undecided.first().click();
      await release.reason.fill('Looked at.');
      await release.approve.click();
    }
    await release.author.fill('Ada');
    await release.checker.fill(' ada ');
    await release.comment.fill('For the audit.');
    await expect(release.missing).toContainText('two people');
    await expect(release.release).toBeDisabled();
    await release.checker.fill('Grace');
    await expect(release.missing).toBeHidden();
    await release.release.click();
    await expect(window.getByText('released', { exact: true }).first()).toBeVisible();
    await expect(release.log.getByRole('listitem').first()).toContainText('by Grace');
  });

  const file = join(place.root, 'out.json');
  const parsed = async () => JSON.parse(await readFile(file, 'utf8')) as ReleaseFile;
  await test.step('a copy holds what was approved, and says what is withheld', async () => {
    await answerSaveDialog(application, file);
    await window.getByRole('button', { name: 'Save a copy…' }).click();
    await expect(window.getByText('saved as out.json', { exact: true })).toBeVisible();
    const { outputs, withheld } = await parsed();
    expect(outputs).toHaveLength(5);
    expect(withheld.map(({ kind, because }) => [kind, because]).sort()).toEqual([
      ['confusion', 'failed'],
      ['timeline', 'rejected'],
    ]);
  });

  await test.step('its window shows the numbers of the file, and has no way to more', async () => {
    const opened = application.waitForEvent('window');
    await window.getByRole('button', { name: 'See it as a reviewer' }).click();
    const reviewer = await opened;
    await expect(reviewer.getByText('AGGREGATES')).toBeVisible();
    await expect(reviewer.getByRole('navigation')).toHaveCount(0);
    await expect(reviewer.getByText('Rejected: Not asked for.')).toBeVisible();
    const accuracy = (await parsed()).outputs.find(({ kind }) => kind === 'accuracy');
    if (accuracy?.kind !== 'accuracy') throw new Error('accuracy was released');
    const overall = accuracy.content.overall;
    const row = reviewer.getByRole('row', { name: /^All classes/ }).first();
    await expect(row).toContainText(
      typeof overall === 'number' ? `${Math.round(100 * overall)}` : '≥',
    );
    await expectAccessible(reviewer);
    const refused = await reviewer.evaluate(
      `new Promise((resolve) => {
        window.deltascope.onResponse((message) => message.id === 9001 && resolve(message));
        window.deltascope.send({ type: 'call', id: 9001, method: 'runs.list', params: {} });
      })`,
    );
    expect(refused).toMatchObject({ error: { message: 'No method “runs.list”.' } });
    await reviewer.close();
  });
});

test('the same by keyboard alone', async ({ explain, open, place, recorded, window }) => {
  const folder = join(place.root, 'audited');
  await cp(recorded.folder, folder, { recursive: true });
  await open(folder);
  await expect(explain.heading).toBeVisible();
  const release = new Release(window);
  const { keyboard } = window;
  await release.atRest();
  await keyboard.press('6');
  await expect(release.heading).toBeVisible();
  await expect(release.check).toBeEnabled();
  await press(release.check);
  await expect(release.outputs).toHaveCount(7, { timeout: 60_000 });
  const undecided = release.outputs.filter({ hasText: 'undecided' });
  for (let left = await undecided.count(); left > 0; left--) {
    await expect(undecided).toHaveCount(left);
    await press(undecided.first());
    await tabTo(release.reason);
    await keyboard.type('Looked at.');
    await press(release.approve);
  }
  for (const [field, text] of [
    [release.author, 'Ada'],
    [release.checker, 'Grace'],
    [release.comment, 'For the audit.'],
  ] as const) {
    await tabTo(field);
    await keyboard.type(text);
  }
  await press(release.release);
  await expect(window.getByText('released', { exact: true }).first()).toBeVisible();
});
