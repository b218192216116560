import { expect, type Locator, type Page } from '@playwright/test';
import { Screen } from './screen';

export class Monitor extends Screen {
  readonly pause: Locator;
  readonly resume: Locator;
  readonly stopAndKeep: Locator;
  readonly continue: Locator;
  readonly explain: Locator;
  readonly progress: Locator;
  readonly events: Locator;
  readonly #header: Locator;

  constructor(page: Page) {
    super(page, 'Monitor');
    const main = page.getByRole('main');
    const button = (name: string) => main.getByRole('button', { name, exact: true });
    this.pause = button('Pause');
    this.resume = button('Resume');
    this.stopAndKeep = button('Stop and keep');
    this.continue = button('Resume recording');
    this.explain = button('Explain');
    this.progress = page.getByRole('progressbar', { name: 'Steps recorded' });
    this.events = page.getByRole('list', { name: 'Events, newest first' });
    this.#header = main.locator('header').filter({ has: this.heading });
  }

  /** The run's state, as the badge beside the heading says it. */
  state(text: string | RegExp): Locator {
    return this.#header.getByText(text, typeof text === 'string' ? { exact: true } : {});
  }

  /** How many steps the monitor says are recorded, and of how many. */
  async steps(): Promise<{ at: number; of: number }> {
    const text = (await this.progress.getAttribute('aria-valuetext')) ?? '';
    const match = /^step (\d+) of (\d+)$/.exec(text);
    if (!match) throw new Error(`the progress says “${text}”`);
    return { at: Number(match[1]), of: Number(match[2]) };
  }

  async hasReached(step: number): Promise<void> {
    await expect
      .poll(async () => (await this.steps()).at, { timeout: 60_000 })
      .toBeGreaterThanOrEqual(step);
  }

  /** Every step count shown during a time, frame by frame. */
  async stepsShownDuring(ms: number): Promise<number[]> {
    const seen = await this.progress.evaluate(async (element, span) => {
      const texts = new Set<string>();
      const until = performance.now() + span;
      while (performance.now() < until) {
        texts.add(element.getAttribute('aria-valuetext') ?? '');
        await new Promise((next) => requestAnimationFrame(next));
      }
      return [...texts];
    }, ms);
    return seen.map((text) => Number(/^step (\d+) /.exec(text)?.[1]));
  }

  /** A term of the numbers above the charts. */
  number(term: 'Time left' | 'Trace on disk' | 'Safe on disk' | 'Test accuracy'): Locator {
    return this.page
      .locator('dl > div')
      .filter({ has: this.page.getByText(term, { exact: true }) })
      .getByRole('definition');
  }

  /** The drawing of a curve. */
  curve(name: 'Loss' | 'Accuracy' | 'Disk'): Locator {
    return this.page.getByRole('figure', { name, exact: true });
  }
}
