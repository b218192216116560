import { screens, type WindowCommand } from '../src-shared/contract/window-command';
import { explain } from './features/explain/explain.svelte';
import { runs } from './features/home/runs.svelte';
import { report } from './features/report/report.svelte';
import { navigation } from './shared/navigation.svelte';
import { openRun } from './shared/open-run.svelte';
import { keysDialog } from './shell/keys-dialog.svelte';

/** Carries out what the menu, a key or the start mode asks for. */
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
    case 'open-run':
      await runs.openFolder();
      return;
    case 'export-report':
      navigation.go('report');
      await report.exportPdf();
      return;
    case 'show-keys':
      keysDialog.open = true;
  }
}

/** Keys that work everywhere; letters and digits only outside of fields. */
export function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const { target } = event;
  if (target instanceof HTMLElement && target.closest('input:not([type=radio]), select, textarea'))
    return;
  const screen = screens[Number(event.key) - 1];
  if (screen) navigation.go(screen);
  else if (event.key === '?') keysDialog.open = true;
  else if (event.key === '[' || event.key === ']') {
    if (navigation.screen !== 'explain') return;
    void explain.step(event.key === ']' ? 1 : -1);
  } else return;
  event.preventDefault();
}
