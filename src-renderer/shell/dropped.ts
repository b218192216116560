import type { ChosenSource } from '../../src-shared/contract/imports';
import { DeltascopeError, reportOf } from '../../src-shared/errors';
import { call, offerSource } from '../api/client';
import { explain } from '../features/explain/explain.svelte';
import { runs } from '../features/home/runs.svelte';
import { draft } from '../features/new-recording/draft.svelte';
import { dataImport } from '../features/new-recording/import/data-import.svelte';
import { navigation } from '../shared/navigation.svelte';
import { openRun } from '../shared/open-run.svelte';

/** Explains a picture by the open run. */
async function explainPicture(source: ChosenSource): Promise<void> {
  const { run } = openRun;
  if (!run || run.steps === 0) {
    const message = `${source.name} is explained by a run: open one first, then drop the picture again.`;
    throw new DeltascopeError('run-missing', 'app', message);
  }
  await explain.take(run);
  navigation.go('explain');
  await explain.choosePicture(source);
}

/** Takes what was dropped on the window to where it belongs. */
export async function takeDropped(file: File): Promise<void> {
  runs.problem = null;
  const source = await offerSource(file);
  if (!source) return;
  try {
    const dropped = await call('drop.take', { source: source.source });
    if (dropped.kind === 'run') {
      await runs.show(dropped.run);
      await runs.refresh();
      return;
    }
    if (dropped.kind === 'release') return;
    if (dropped.kind === 'picture') {
      await explainPicture(dropped.source);
      return;
    }
    navigation.go('new');
    if (dropped.kind === 'recipe') await draft.take(dropped.opened);
    else await dataImport.offered(dropped.source);
  } catch (error) {
    runs.problem = reportOf(error, 'app');
    navigation.go('home');
  }
}
