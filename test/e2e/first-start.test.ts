import { expect, test } from './support/test';

test('the first start shows what can be done, by pointer and by keyboard', async ({
  home,
  newRecording,
  window,
}) => {
  await expect(home.heading).toBeVisible();
  await expect(home.welcome).toBeVisible();
  const ways = ['Run the sample audit', 'New recording', 'Open run…', 'Open restricted bundle…'];
  for (const name of ways) {
    await expect(home.welcome.getByRole('button', { name })).toBeEnabled();
  }
  await expect(home.runs).toBeHidden();
  await expect(window.getByRole('region', { name: 'This machine' })).toContainText('Engine');

  await test.step('the tab key reaches every action', async () => {
    const reached = new Set<string>();
    const actions = home.welcome.getByRole('button');
    for (let presses = 0; presses < 40; presses++) {
      await window.keyboard.press('Tab');
      for (const action of await actions.all()) {
        if (await action.evaluate((button) => button === document.activeElement)) {
          reached.add((await action.innerText()).trim());
        }
      }
    }
    expect([...reached].sort()).toEqual([...ways].sort());
  });

  await test.step('Enter carries an action out; digits change screens', async () => {
    await home.welcome.getByRole('button', { name: 'New recording' }).focus();
    await window.keyboard.press('Enter');
    await expect(newRecording.heading).toBeVisible();
    await window.keyboard.press('1');
    await expect(home.heading).toBeVisible();
    await window.keyboard.press('?');
    await expect(window.getByRole('dialog', { name: 'Keys' })).toBeVisible();
    await window.keyboard.press('Escape');
    await expect(window.getByRole('dialog', { name: 'Keys' })).toBeHidden();
  });
});

test('screens that need a run say so until one is open', async ({ monitor, explain, report }) => {
  await monitor.goTo();
  await expect(monitor.page.getByRole('heading', { name: 'No run is open' })).toBeVisible();
  await explain.goTo();
  await expect(explain.page.getByRole('heading', { name: 'No run is open' })).toBeVisible();
  await report.goTo();
  await expect(report.page.getByRole('heading', { name: 'Nothing to report yet' })).toBeVisible();
  await expect(report.export).toBeDisabled();
});
