import { type CommandId, commands } from '../../src-shared/commands';
import { type Screen, screens } from '../../src-shared/screens';
import { call } from '../api/client';
import { explain } from '../features/explain/explain.svelte';
import { runs } from '../features/home/runs.svelte';
import { recorder } from '../features/monitor/recorder.svelte';
import { verification } from '../features/monitor/verification.svelte';
import { draft } from '../features/new-recording/draft.svelte';
import { review } from '../features/release/release.svelte';
import { report } from '../features/report/report.svelte';
import { figures } from '../shared/figures.svelte';
import { navigation } from '../shared/navigation.svelte';
import { openRun } from '../shared/open-run.svelte';
import { reportDraft } from '../shared/report-draft.svelte';
import { undo } from '../shared/undo.svelte';
import { overlays } from './overlays.svelte';
import { focusNextPane, focusSearch } from './panes';

interface Action {
  readonly run: () => unknown;
  /** Whether it can be carried out now; without it, always. */
  readonly possible?: () => boolean;
}

const followed = () => recorder.run !== null && recorder.run === openRun.id;
const live = () => followed() && openRun.run?.recordingNow === true && recorder.progress !== null;
const paused = () => live() && recorder.progress?.state === 'paused';
const interrupted = () => openRun.run?.state === 'unfinished' && !openRun.run.recordingNow;
const startable = () => navigation.screen === 'new' && draft.obstacle === null && !draft.starting;

/** The report takes back its own edits, one after another. */
const ofReport = () => navigation.screen === 'report' && openRun.run?.state === 'finished';

const toScreens = Object.fromEntries(
  screens.map((screen: Screen) => [`show-${screen}`, { run: () => navigation.go(screen) }]),
) as Record<Extract<CommandId, `show-${string}`>, Action>;

/** How each command is carried out in this window. */
const actions: Readonly<Record<CommandId, Action>> = {
  ...toScreens,
  new: { run: () => navigation.go('new') },
  open: { run: () => runs.openFolder() },
  'open-release': { run: () => review.open(null) },
  'export-figure': {
    run: () => figures.current?.exportFigure(),
    possible: () => figures.current !== null,
  },
  'export-report': {
    run: () => {
      navigation.go('report');
      return report.exportPdf();
    },
    possible: () => explain.request !== null,
  },
  settings: { run: () => navigation.go('settings') },
  undo: {
    run: () => (ofReport() ? reportDraft.undo() : undo.undo()),
    possible: () => (ofReport() ? reportDraft.canUndo : undo.last !== null),
  },
  copy: {
    run: () => call('clipboard.write', { text: String(getSelection() ?? '') }),
    possible: () => String(getSelection() ?? '') !== '',
  },
  'copy-csv': {
    run: () => figures.current && call('clipboard.write', { text: figures.current.csv() }),
    possible: () => figures.current !== null,
  },
  find: { run: () => focusSearch() || overlays.show('palette') },
  palette: { run: () => overlays.show('palette') },
  'next-pane': { run: focusNextPane },
  'previous-input': {
    run: () => explain.step(-1),
    possible: () => navigation.screen === 'explain' && explain.index !== null,
  },
  'next-input': {
    run: () => explain.step(1),
    possible: () => navigation.screen === 'explain' && explain.index !== null,
  },
  'chart-table': {
    run: () => figures.current?.toggleTable(),
    possible: () => figures.current !== null,
  },
  'zoom-in': { run: () => call('window.view', { change: 'zoom-in' }) },
  'zoom-out': { run: () => call('window.view', { change: 'zoom-out' }) },
  'zoom-reset': { run: () => call('window.view', { change: 'zoom-reset' }) },
  'full-screen': { run: () => call('window.view', { change: 'full-screen' }) },
  'run-start': {
    run: () => {
      if (startable()) return draft.start();
      if (paused()) return recorder.resume();
      navigation.go('monitor');
      return openRun.id && recorder.resumeRun(openRun.id);
    },
    possible: () => startable() || paused() || interrupted(),
  },
  'run-pause': {
    run: () => recorder.pause(),
    possible: () => live() && recorder.progress?.state === 'training',
  },
  'run-stop': { run: () => recorder.stop(), possible: live },
  'run-verify': {
    run: () => {
      navigation.go('monitor');
      return openRun.id && verification.verify(openRun.id);
    },
    possible: () => openRun.run !== null && !openRun.run.recordingNow,
  },
  keys: { run: () => overlays.show('keys') },
  numbers: { run: () => overlays.show('numbers') },
  logs: { run: () => overlays.show('logs') },
};

export function isPossible(id: CommandId): boolean {
  return actions[id].possible?.() ?? true;
}

/** Carries out a command, where it can be. */
export function perform(id: CommandId): void {
  if (isPossible(id)) void actions[id].run();
}

/** The commands that can't be carried out now; what is selected changes without notice and stays out. */
export function impossible(): CommandId[] {
  return commands.map(({ id }) => id).filter((id) => id !== 'copy' && !isPossible(id));
}
