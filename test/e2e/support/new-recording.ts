import type { Locator, Page } from '@playwright/test';
import { Screen } from './screen';

export class NewRecording extends Screen {
  readonly cost: Locator;
  readonly start: Locator;
  /** Which layers are to be recorded. */
  readonly layers: Locator;

  constructor(page: Page) {
    super(page, 'New recording');
    this.cost = page.getByRole('complementary', { name: 'Cost and start' });
    this.layers = page.getByRole('group', { name: 'Layers to record' });
    this.start = this.cost.getByRole('button', { name: 'Start recording' });
  }

  /** A choice of data, model or recording mode, by the words on its card. */
  choice(group: 'Data set' | 'Model' | 'Recording mode', title: string): Locator {
    return this.page
      .getByRole('radiogroup', { name: group })
      .locator('label')
      .filter({
        has: this.page.getByText(title, { exact: true }),
      });
  }

  radio(group: 'Data set' | 'Model' | 'Recording mode', value: string): Locator {
    return this.page
      .getByRole('radiogroup', { name: group })
      .locator(`input[type=radio][value="${value}"]`);
  }

  /** A layer's box. */
  layer(name: string): Locator {
    return this.layers.getByRole('checkbox', { name: new RegExp(`^${name} `) });
  }

  field(label: string): Locator {
    return this.page.getByLabel(label, { exact: true });
  }

  async fill(values: Readonly<Record<string, string | number>>): Promise<void> {
    for (const [label, value] of Object.entries(values)) {
      await this.field(label).fill(String(value));
    }
  }

  /** The number of a term of the cost estimate. */
  costOf(term: 'Disk' | 'Time' | 'Steps'): Locator {
    return this.cost
      .locator('dl > div')
      .filter({ has: this.page.getByText(term, { exact: true }) })
      .getByRole('definition')
      .first();
  }
}
