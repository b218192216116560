import type { ElectronApplication, Page } from '@playwright/test';

/** Lines of the main process that are ours, or that tell of an error nobody took care of. */
const ownLine = /^deltascope:|unhandled|uncaught/i;

/** Collects what must not happen while the application is used. */
export class Watch {
  #problems: string[] = [];

  /** Watches the main process and every window, from now on. */
  constructor(application: ElectronApplication) {
    let rest = '';
    application.process().stderr?.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (ownLine.test(line)) this.#note('main process', line);
    });
    for (const page of application.windows()) this.#window(page);
    application.on('window', (page) => this.#window(page));
  }

  /** What has happened so far. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  /** Gives what has happened so far to a test that expects it, and forgets it. */
  take(): string[] {
    return this.#problems.splice(0);
  }

  #note(where: string, what: string): void {
    this.#problems.push(`${where}: ${what}`);
  }

  #window(page: Page): void {
    page.on('console', (message) => {
      const type = message.type();
      if (type === 'error' || type === 'warning') this.#note(`console ${type}`, message.text());
    });
    page.on('pageerror', (error) => this.#note('page error', error.stack ?? error.message));
    page.on('requestfailed', (request) =>
      this.#note('failed request', `${request.url()} ${request.failure()?.errorText ?? ''}`),
    );
    page.on('response', (response) => {
      if (response.status() >= 400) {
        this.#note('failed request', `${response.url()} ${response.status()}`);
      }
    });
    page.on('crash', () => this.#note('window', 'it crashed'));
  }
}
