import type { Locator, Page } from '@playwright/test';
import { Screen } from './screen';

export class Home extends Screen {
  /** What is shown while no run is known. */
  readonly welcome: Locator;
  readonly openRun: Locator;
  readonly runs: Locator;

  constructor(page: Page) {
    super(page, 'Home');
    const question = page.getByRole('heading', { name: 'Why did the model learn to say this?' });
    this.welcome = page.locator('section').filter({ has: question });
    this.openRun = page.getByRole('main').getByRole('button', { name: 'Open run…' }).first();
    this.runs = page.getByRole('region', { name: 'Runs' }).getByRole('table');
  }

  /** A run's row of the table. */
  row(name: string): Locator {
    const title = this.page.getByRole('button', { name, exact: true });
    return this.runs.getByRole('row').filter({ has: title });
  }
}
