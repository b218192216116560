import type { Locator, Page } from '@playwright/test';
import { Screen } from './screen';

export class Release extends Screen {
  readonly outputs: Locator;
  readonly check: Locator;
  readonly approve: Locator;
  readonly reject: Locator;
  readonly reason: Locator;
  readonly author: Locator;
  readonly checker: Locator;
  readonly comment: Locator;
  readonly release: Locator;
  readonly missing: Locator;
  readonly log: Locator;

  constructor(page: Page) {
    super(page, 'Release');
    const main = page.getByRole('main');
    const button = (name: string) => main.getByRole('button', { name, exact: true });
    this.outputs = main.getByRole('list', { name: 'Outputs' }).getByRole('button');
    this.check = button('Check');
    this.approve = button('Approve');
    this.reject = button('Reject');
    this.reason = main.getByLabel(/^Reason, /);
    this.author = main.getByLabel('Author', { exact: true });
    this.checker = main.getByLabel('Checker, another person');
    this.comment = main.getByLabel('Comment', { exact: true });
    this.release = button('Release');
    this.missing = main.getByRole('list', { name: 'What is missing' });
    this.log = main.getByRole('list', { name: 'Disclosures, newest first' });
  }

  output(title: string): Locator {
    return this.outputs.filter({ hasText: title });
  }
}
