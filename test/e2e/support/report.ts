import type { Locator, Page } from '@playwright/test';
import { Screen } from './screen';

export class Report extends Screen {
  readonly paper: Locator;
  readonly export: Locator;

  constructor(page: Page) {
    super(page, 'Report');
    this.paper = page.getByRole('article');
    this.export = page.getByRole('main').getByRole('button', { name: 'Export PDF…' });
  }

  /** Shows another part of the report beside the paper. */
  async tab(name: 'Outline' | 'Words' | 'Cases'): Promise<void> {
    await this.page
      .getByRole('radiogroup', { name: 'Parts of the report' })
      .getByText(name, { exact: true })
      .click();
  }

  /** The message that a report was saved. */
  saved(name: string): Locator {
    return this.page.getByText(`saved as ${name}`, { exact: true });
  }

  /** Rows of the preview's table of a layer's parts: part, share, steps. */
  async parts(layer: string): Promise<string[][]> {
    const table = this.paper.getByRole('table', { name: new RegExp(`The parts of ${layer}$`) });
    // The preview draws its parts one after another.
    await table.waitFor({ state: 'attached' });
    return table
      .locator('tbody tr')
      .evaluateAll((all) =>
        all.map((row) =>
          [...row.querySelectorAll('th, td')].map((c) => c.textContent?.trim() ?? ''),
        ),
      );
  }
}
