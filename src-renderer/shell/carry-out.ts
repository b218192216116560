import type { WindowCommand } from '../../src-shared/contract/window-command';
import { explain } from '../features/explain/explain.svelte';
import { runs } from '../features/home/runs.svelte';
import { navigation } from '../shared/navigation.svelte';
import { openRun } from '../shared/open-run.svelte';
import { perform } from './actions';

/** Carries out what the menu or the start mode asks for. */
export async function carryOut(command: WindowCommand): Promise<void> {
  switch (command.kind) {
    case 'show':
      if (command.run !== undefined) await openRun.open(command.run);
      navigation.go(command.screen);
      return;
    case 'explain-first': {
      const run = await openRun.open(command.run);
      navigation.go('explain');
      if (run) await explain.first(run, command.filter);
      return;
    }
    case 'open-recent':
      await runs.openKnown(command.run);
      return;
    case 'do':
      perform(command.command);
  }
}

/** Opens the window where it was left: the same screen and run. A run that is gone is told of at Home. */
export async function openWhereLeft(): Promise<void> {
  const screen = navigation.reopen();
  await openRun.reopen();
  const needsRun = screen !== 'home' && screen !== 'new';
  // Who has gone elsewhere meanwhile, or opened another run, stays there.
  if (needsRun && openRun.id === null && navigation.screen === screen) navigation.go('home');
}
