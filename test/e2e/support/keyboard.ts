import { expect, type Locator, type Page } from '@playwright/test';

/** Presses Tab until something has the focus, as who can't point would. */
export async function tabTo(target: Locator, most = 120): Promise<void> {
  await expect(target).toBeVisible();
  for (let presses = 0; presses < most; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await target.page().keyboard.press('Tab');
  }
  throw new Error(`Tab does not get to ${target}`);
}

/** Goes to something by Tab and presses a key there. */
export async function press(target: Locator, key = 'Enter'): Promise<void> {
  await tabTo(target);
  await target.page().keyboard.press(key);
}

/** Writes into a field in place of what it holds. */
export async function write(field: Locator, text: string): Promise<void> {
  await tabTo(field);
  const page: Page = field.page();
  await page.keyboard.press('Control+a');
  await page.keyboard.type(text);
}
