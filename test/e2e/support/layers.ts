import type { Locator, Page } from '@playwright/test';
import { Screen } from './screen';

export class Layers extends Screen {
  readonly map: Locator;
  readonly list: Locator;
  readonly retrain: Locator;
  /** In the dialog that it opens. */
  readonly start: Locator;
  readonly sideBySide: Locator;

  constructor(page: Page) {
    super(page, 'Layers');
    const main = page.getByRole('main');
    this.map = main.getByRole('region', { name: 'Specificity by class and layer' });
    this.list = main.getByRole('region', { name: 'Layer by layer', exact: true });
    this.retrain = main.getByRole('button', { name: 'Retrain without selected…' });
    this.start = page.getByRole('dialog').getByRole('button', { name: 'Start', exact: true });
    this.sideBySide = main.getByRole('table', { name: 'Both networks side by side' });
  }

  /** Texts of a table's rows, cell by cell. */
  async rows(of: Locator): Promise<string[][]> {
    return of
      .locator('tbody tr')
      .evaluateAll((all) =>
        all.map((row) =>
          [...row.querySelectorAll('th, td')].map((cell) => cell.textContent?.trim() ?? ''),
        ),
      );
  }
}
