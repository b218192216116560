import { createHash } from 'node:crypto';
import { cp, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { appSchemas, restrictedSchemas } from '../../src-main/app/param-schemas';
import { launchApplication } from '../setup/electron';
import { ask } from './support/ask';
import { deltascope } from './support/command-line';
import { expect, test } from './support/test';

test('an application that is started with a release has nothing else to give', async ({
  place,
  recorded,
}) => {
  const folder = join(place.root, 'audited');
  await cp(recorded.folder, folder, { recursive: true });
  const release = join(place.root, 'release.json');
  await deltascope(['release', folder, '--out', release], place);
  const application = await launchApplication(join(place.root, 'reviewer'), place.env, [
    '--open-release',
    release,
  ]);
  try {
    const page = await application.firstWindow();
    await page.waitForLoadState('load');
    await test.step('methods of single examples, runs and data do not exist', async () => {
      const absent = Object.keys(appSchemas).filter((name) => !(name in restrictedSchemas));
      expect(absent).toEqual(expect.arrayContaining(['examples.page', 'explain.example']));
      const answers = await ask(
        page,
        absent.map((method) => ({ method, params: {} })),
      );
      for (const [at, method] of absent.entries()) {
        expect(answers[at]).toMatchObject({
          type: 'error',
          error: { code: 'request-invalid', message: `No method “${method}”.` },
        });
      }
      const [read] = await ask(page, [{ method: 'release.read', params: {} }]);
      expect(read).toMatchObject({ type: 'result', result: { format: 'deltascope-release' } });
    });
    await test.step('its session is in memory and knows no pictures', async () => {
      const storage = await application.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows().map(({ webContents }) => webContents.session.storagePath),
      );
      expect(storage).toEqual([null]);
      const id = createHash('sha256')
        .update(await realpath(folder))
        .digest('hex')
        .slice(0, 16);
      for (const split of ['train', 'test']) {
        const shown = await page.evaluate(
          (src) =>
            new Promise((resolve) => {
              const image = new Image();
              image.onload = () => resolve('shown');
              image.onerror = () => resolve('refused');
              image.src = src;
            }),
          `app://thumbnail/${id}/${split}/5.png`,
        );
        expect(shown).toBe('refused');
      }
    });
  } finally {
    await application.close();
  }
});
