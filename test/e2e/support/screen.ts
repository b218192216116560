import { expect, type Locator, type Page } from '@playwright/test';

type Theme = 'As the system' | 'Light' | 'Dark';

/** What every screen has: the rail with the screens and the theme, a heading, notices. */
export class Screen {
  readonly page: Page;
  readonly heading: Locator;
  /** Errors, each a sentence with its code. */
  readonly alert: Locator;
  readonly #title: string;

  constructor(page: Page, title: string) {
    this.page = page;
    this.#title = title;
    this.heading = page.getByRole('heading', { level: 1, name: title, exact: true });
    this.alert = page.getByRole('main').getByRole('alert');
  }

  /** Goes there by the rail. */
  async goTo(): Promise<void> {
    const rail = this.page.getByRole('navigation', { name: 'Screens' });
    await rail.getByRole('button', { name: this.#title }).click();
    await expect(this.heading).toBeVisible();
  }

  async chooseTheme(theme: Theme): Promise<void> {
    await this.page
      .getByRole('radiogroup', { name: 'Theme', exact: true })
      .getByTitle(theme)
      .click();
  }

  /** Waits until every question of the window is answered. */
  async atRest(): Promise<void> {
    await expect(this.page.locator('body')).toHaveAttribute('aria-busy', 'false', {
      timeout: 60_000,
    });
  }
}
