import { test as base, type ElectronApplication, expect, type Page } from '@playwright/test';
import { launchApplication } from '../../setup/electron';
import { answerOpenDialog } from './dialogs';
import { Explain } from './explain';
import { Home } from './home';
import { Layers } from './layers';
import { Monitor } from './monitor';
import { NewRecording } from './new-recording';
import { recordSmallRun } from './recorded-run';
import { Report } from './report';
import { Watch } from './watch';
import { makeWorkplace, removeWorkplace, type Workplace } from './workplace';

/** A recording on real MNIST that all tests of a run share; none may change it. */
export interface RecordedRun {
  readonly folder: string;
  readonly place: Workplace;
}

interface Fixtures {
  /** Folders of this test's own user. */
  place: Workplace;
  /** The application, started as a person would; its end checks that nothing went wrong. */
  application: ElectronApplication;
  watch: Watch;
  /** Its window. */
  window: Page;
  home: Home;
  newRecording: NewRecording;
  monitor: Monitor;
  explain: Explain;
  layers: Layers;
  report: Report;
  /** Opens a run's folder from Home. */
  open: (folder: string) => Promise<void>;
}

export const test = base.extend<Fixtures, { recorded: RecordedRun }>({
  recorded: [
    // biome-ignore lint/correctness/noEmptyPattern: fixtures are found by destructuring
    async ({}, use) => {
      const place = await makeWorkplace();
      await use({ place, folder: await recordSmallRun(place) });
      await removeWorkplace(place);
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: fixtures are found by destructuring
  place: async ({}, use) => {
    const place = await makeWorkplace();
    await use(place);
    await removeWorkplace(place);
  },
  application: async ({ place }, use) => {
    const application = await launchApplication(place.userData, place.env);
    await use(application);
    await leave(application);
  },
  watch: [
    async ({ application }, use) => {
      const watch = new Watch(application);
      await use(watch);
      expect(watch.problems, 'console, requests and main process').toEqual([]);
    },
    { auto: true },
  ],
  window: async ({ application, watch }, use) => {
    expect(watch.problems).toEqual([]);
    const window = await application.firstWindow();
    await window.waitForLoadState('load');
    await use(window);
  },
  home: async ({ window }, use) => use(new Home(window)),
  newRecording: async ({ window }, use) => use(new NewRecording(window)),
  monitor: async ({ window }, use) => use(new Monitor(window)),
  explain: async ({ window }, use) => use(new Explain(window)),
  layers: async ({ window }, use) => use(new Layers(window)),
  report: async ({ window }, use) => use(new Report(window)),
  open: async ({ application, home }, use) => {
    await use(async (folder) => {
      await answerOpenDialog(application, folder);
      await home.goTo();
      await home.openRun.click();
    });
  },
});

/** Ends the application, whatever a test left it at; a recording under way is stopped and kept. */
async function leave(application: ElectronApplication): Promise<void> {
  const pauseAndQuit = 1;
  await application.evaluate(({ dialog }, response) => {
    dialog.showMessageBox = () => Promise.resolve({ response, checkboxChecked: false });
  }, pauseAndQuit);
  await application.close();
}

export { expect };
