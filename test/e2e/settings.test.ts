import { expect, test } from '@playwright/test';
import { expectAccessible, startApplication } from './support/application';

test('settings hold at once and at the next start, in high contrast too', async () => {
  const first = await startApplication();
  const { page: window } = first;
  await expect(window.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible();
  await window.keyboard.press('Control+,');
  await expect(window.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
  const set = (group: string, choice: string) =>
    window
      .getByRole('radiogroup', { name: group, exact: true })
      .getByText(choice, { exact: true })
      .click();
  await set('Contrast', 'High');
  await set('Motion', 'Reduced');
  await set('Keys that are one letter or digit', 'Off');
  await window.getByLabel('Name', { exact: true }).fill('Ada Lovelace');
  await window.getByLabel('Role', { exact: true }).fill('auditor');
  await window.keyboard.press('Tab');
  for (const theme of ['Light', 'Dark']) {
    await set('Colour theme', theme);
    await expectAccessible(window);
  }
  await set('Thousands', '20,000');
  await window.getByRole('navigation').getByRole('button', { name: 'New recording' }).click();
  await expect(window.getByText('60,000 training').first()).toBeVisible();
  await window.getByLabel('Seed', { exact: true }).fill('41');
  // What was chosen is kept within a second.
  await window.waitForTimeout(1200);
  await first.app.close();

  const second = await startApplication(first.home);
  const { page: again } = second;
  await expect(again.locator('html')).toHaveAttribute('data-contrast', 'more');
  await expect(again.locator('html')).toHaveAttribute('data-motion', 'reduced');
  // The screen is the one that was left, with what was entered there.
  await expect(again.getByRole('heading', { level: 1, name: 'New recording' })).toBeVisible();
  await expect(again.getByLabel('Seed', { exact: true })).toHaveValue('41');
  // Digits are off, the menu's keys are not.
  await again.keyboard.press('Tab');
  await again.keyboard.press('1');
  await expect(again.getByRole('heading', { level: 1, name: 'New recording' })).toBeVisible();
  await again.keyboard.press('Control+1');
  await expect(again.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible();
  await again.keyboard.press('Control+,');
  await expect(again.getByLabel('Name', { exact: true })).toHaveValue('Ada Lovelace');
  await second.close();
});
