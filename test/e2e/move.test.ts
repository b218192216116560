import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mayMount, mountDisk, remount, unmountDisk } from '../support/disks';
import { expectAccessible } from './support/application';
import { answerOpenDialog } from './support/dialogs';
import { expect, test } from './support/test';

const recipe = {
  ...{ 'Training examples': 600, 'Test examples': 100, 'Batch size': 64, 'Ghost samples': 20 },
  ...{ 'Stop after': 30, 'Learning rate': 0.05, 'Name of the run': 'crowded' },
};

const mounted: string[] = [];
test.afterEach(() => {
  for (const path of mounted.splice(0)) unmountDisk(path);
});

test('a recording whose disk is full goes on in another folder', async ({
  application,
  home,
  monitor,
  newRecording,
  place,
  window,
}) => {
  test.skip(!mayMount(place.root), 'a disk of its own needs the right to mount one');
  const disk = (path: string, size: string): string => {
    mounted.push(path);
    return mountDisk(path, size);
  };
  disk(place.runs, '100m');
  const small = disk(join(place.root, 'small'), '1m');
  const locked = disk(join(place.root, 'locked'), '200m');
  const roomy = disk(join(place.root, 'roomy'), '200m');
  remount(locked, 'ro');
  const move = window.getByRole('button', { name: 'Choose another folder…' });

  await test.step('it pauses, and says what to do', async () => {
    await newRecording.goTo();
    await newRecording.fill(recipe);
    await expect(newRecording.costOf('Steps')).toHaveText('30');
    await expect(newRecording.start).toBeEnabled({ timeout: 60_000 });
    await newRecording.start.click();
    await monitor.hasReached(2);
    await monitor.pause.click();
    await expect(monitor.state('paused')).toBeVisible();
    const filling = writeFile(join(place.runs, 'filler'), Buffer.alloc(100 * 1024 * 1024));
    await expect(filling).rejects.toMatchObject({ code: 'ENOSPC' });
    await monitor.resume.click();
    await expect(monitor.alert).toContainText(/Recording paused: the disk is full at step \d+\./);
    await expect(monitor.alert).toContainText('DS-1203');
    await expectAccessible(window);
  });

  await test.step('folders that will not do are refused, and nothing is lost', async () => {
    await answerOpenDialog(application, null);
    await move.click();
    for (const [folder, said] of [
      [small, /has .+ free, but the run needs .+ there with the steps .+ DS-1203/s],
      [locked, /no permission to write .+ DS-1204/s],
      [place.runs, /lies in .+ already; choose a folder on another disk\.\s+DS-1301/],
    ] as const) {
      await answerOpenDialog(application, folder);
      await move.click();
      await expect(monitor.alert.last()).toContainText(said);
      await expect(monitor.state(/interrupted at step \d+/)).toBeVisible();
    }
    expect(await readdir(small)).toEqual([]);
  });

  await test.step('it moves, and goes on to its end', async () => {
    await answerOpenDialog(application, roomy);
    await move.click();
    await expect(monitor.state('finished')).toBeVisible({ timeout: 60_000 });
    expect(await monitor.steps()).toEqual({ at: 30, of: 30 });
    await expect(monitor.alert).toBeHidden();
    expect(await readdir(roomy)).toEqual(['crowded']);
    expect(await readdir(place.runs)).toEqual(['filler']);
    await window.getByRole('button', { name: 'Verify' }).click();
    await expect(window.getByText(/^All \d+ files are as they were written\./)).toBeVisible({
      timeout: 60_000,
    });
    await home.goTo();
    await expect(home.row('crowded')).toContainText('finished');
    await expect(home.row('crowded')).toHaveCount(1);
  });
});
