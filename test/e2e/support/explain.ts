import { expect, type Locator, type Page } from '@playwright/test';
import { Screen } from './screen';

/** A row of the table behind the shares chart. */
export interface ShareRow {
  readonly part: string;
  readonly share: string;
  readonly steps: string;
}

/** A training example as its tile shows it. */
export interface Influence {
  readonly index: number;
  readonly gamma: string;
  readonly share: string;
}

export class Explain extends Screen {
  readonly filter: Locator;
  readonly examples: Locator;
  readonly prediction: Locator;
  readonly layers: Locator;
  readonly ridge: Locator;
  readonly influence: Locator;
  readonly shares: Locator;
  readonly certificate: Locator;

  readonly addToReport: Locator;

  constructor(page: Page) {
    super(page, 'Explain');
    const region = (name: string | RegExp) => page.getByRole('region', { name });
    this.filter = page.getByLabel('Show', { exact: true });
    this.examples = page
      .getByRole('grid', { name: 'Test examples' })
      .getByRole('button', { name: /: test example \d+$/ });
    this.prediction = region('Prediction');
    this.layers = page.getByRole('tablist', { name: 'Layers' });
    this.ridge = region('Ridge plot');
    this.influence = region('Training examples');
    this.shares = region(/^Shares of /);
    this.addToReport = page.getByRole('button', { name: 'Add to report' });
    this.certificate = this.prediction.getByText(/complete: residual /);
  }

  /** Index of a test example in the grid. */
  async indexOf(example: Locator): Promise<number> {
    const name = (await example.getAttribute('aria-label')) ?? '';
    return Number(/: test example (\d+)$/.exec(name)?.[1]);
  }

  /** Waits until the result shown is that of a test example and nothing newer is on its way. */
  async shows(index: number): Promise<void> {
    await this.atRest();
    const picture = this.prediction.getByRole('img', {
      name: `Test example ${index}`,
      exact: true,
    });
    await expect(picture).toBeVisible();
  }

  /** Index of the test example whose result is shown. */
  async shown(): Promise<number> {
    await this.atRest();
    const alt = await this.prediction.getByRole('img').first().getAttribute('alt');
    return Number(/^Test example (\d+)$/.exec(alt ?? '')?.[1]);
  }

  layer(name: string): Locator {
    return this.layers.getByRole('tab').filter({ has: this.page.getByText(name, { exact: true }) });
  }

  async chooseLayer(name: string): Promise<void> {
    await this.layer(name).click();
    await expect(this.layer(name)).toHaveAttribute('aria-selected', 'true');
    await expect(this.page.getByRole('region', { name: `Shares of ${name}` })).toBeVisible();
  }

  async chooseTarget(name: 'Representation' | 'Learned part' | 'A over B'): Promise<void> {
    const group = this.page.getByRole('radiogroup', { name: 'Target' });
    await group.getByText(name, { exact: true }).click();
    await expect(group.getByRole('radio', { name })).toBeChecked();
    await this.atRest();
  }

  /** Probabilities by class name. */
  async probabilities(): Promise<Map<string, string>> {
    const bars = this.prediction.getByRole('list', { name: 'Probabilities' });
    const labels = await bars
      .getByRole('listitem')
      .evaluateAll((items) => items.map((item) => item.getAttribute('title') ?? ''));
    return new Map(
      labels.map((label): [string, string] => {
        const at = label.lastIndexOf(': ');
        return [label.slice(0, at), label.slice(at + 2)];
      }),
    );
  }

  /** The table behind a chart; it stays shown. */
  async tableOf(chart: Locator): Promise<string[][]> {
    const open = chart.getByRole('button', { name: 'Show as table' });
    if (await open.isVisible()) await open.click();
    return this.rowsOf(chart.getByRole('figure').getByRole('table'));
  }

  /** The cells of a table, row by row. */
  async rowsOf(table: Locator): Promise<string[][]> {
    const rows = table.locator('tbody tr');
    await expect(rows.first()).toBeVisible();
    return rows.evaluateAll((all) =>
      all.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.innerText.trim())),
    );
  }

  async shareRows(): Promise<ShareRow[]> {
    const rows = await this.tableOf(this.shares);
    return rows.map(([part = '', share = '', steps = '']) => ({ part, share, steps }));
  }

  /** The training examples of a side, with their pictures seen to be loaded. */
  async influences(side: 'Supporting' | 'Opposing'): Promise<Influence[]> {
    const heading = this.influence.getByRole('heading', { name: side });
    const tiles = heading.locator('xpath=following-sibling::*[1]').getByRole('listitem');
    for (const tile of await tiles.all()) {
      await tile.scrollIntoViewIfNeeded();
      await expectLoaded(tile.getByRole('img'));
    }
    const titles = await tiles.evaluateAll((all) =>
      all.map((tile) => tile.getAttribute('title') ?? ''),
    );
    return titles.map((title) => {
      const match =
        /^Training example (\d+), class .*: γ = (\S+), (.+) of (?:the signal|A − B)$/.exec(title);
      if (!match) throw new Error(`a tile says “${title}”`);
      return { index: Number(match[1]), gamma: match[2] ?? '', share: match[3] ?? '' };
    });
  }
}

/** Checks that a picture has come and is not a broken one. */
export async function expectLoaded(picture: Locator): Promise<void> {
  await expect
    .poll(() =>
      picture.evaluate((element) =>
        element instanceof HTMLImageElement ? element.naturalWidth : 0,
      ),
    )
    .toBeGreaterThan(0);
}
