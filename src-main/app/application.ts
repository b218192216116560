import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { app, type BrowserWindow, clipboard, nativeTheme, session } from 'electron';
import type { AppMethods } from '../../src-shared/contract/app';
import type { ComputeMethods } from '../../src-shared/contract/compute';
import { cacheFolder, importedDataFolder } from '../data/folders';
import { privacyFiles } from '../privacy/privacy-folder';
import computePath from '../worker/compute?modulePath';
import { captureViews } from './capture';
import { ComputeClient } from './compute-client';
import { DesktopPresence } from './desktop-presence';
import {
  askClosing,
  chooseImportSource,
  chooseMoveFolder,
  choosePictureFile,
  chooseRecipeFile,
  chooseReleaseFile,
  chooseRunFolder,
  chooseRunsFolder,
  chooseSaveFile,
} from './dialogs';
import { openChosenRecipe, saveChosen } from './files';
import { appHandlers } from './handlers';
import { hardenSession } from './hardening';
import { ImportSources } from './import-sources';
import { IpcGate, sendCommand } from './ipc';
import { Log } from './log';
import { openMainWindow } from './main-window';
import { Memory } from './memory';
import { MenuBar } from './menu';
import { notifyOf, notifyOfAnswer } from './notifications';
import { appSchemas } from './param-schemas';
import { readPrintJob, readPrintList } from './print-jobs';
import { printReport } from './printing';
import { fileMap, servePages } from './protocol';
import { Recordings } from './recordings';
import { ReportDrafts } from './report-drafts';
import { Reports } from './reports';
import { openReleaseWindow, type RestrictedShell } from './restricted-window';
import { RunRegistry } from './run-registry';
import { RunViews } from './run-views';
import { SettingsFile } from './settings';
import type { StartMode } from './start-mode';
import { bytesIn, freeBytes } from './storage-use';
import { SystemInfo } from './system-info';
import { keptBytes, Thumbnails } from './thumbnails';
import { changeView } from './view-change';

const builtPages = () => join(app.getAppPath(), 'out', 'renderer');
const preloadFile = () => join(app.getAppPath(), 'out', 'preload', 'preload.cjs');

interface Shell {
  readonly compute: ComputeClient<ComputeMethods>;
  readonly registry: RunRegistry;
  readonly recordings: Recordings;
  readonly open: () => BrowserWindow;
}

/** Puts the parts together; nothing is shown yet. What is `kept` is there at the next start. */
async function assemble(runsFolder: string | null, kept = true): Promise<Shell> {
  const own = (name: string) => (kept ? join(app.getPath('userData'), name) : null);
  const [settings, memory, files] = await Promise.all([
    SettingsFile.open(own('settings.json')),
    Memory.open(own('memory.json')),
    fileMap(builtPages()),
  ]);
  const registry = await RunRegistry.open(
    own('runs.json'),
    runsFolder ?? settings.values.runsFolder ?? join(app.getPath('home'), 'Deltascope'),
  );
  const log = new Log(own(join('logs', 'deltascope.log')));
  log.note(`Deltascope ${app.getVersion()} on ${process.platform} starts`);
  nativeTheme.themeSource = settings.values.theme;
  const compute = new ComputeClient<ComputeMethods>(computePath);
  const presence = new DesktopPresence();
  let window: BrowserWindow | null = null;
  const recordings = new Recordings(compute, (state) => presence.update(state, window), notifyOf);
  const views = new RunViews(compute, registry, recordings);
  const thumbnails = new Thumbnails(compute);
  const drafts = await ReportDrafts.open(own('report-drafts.json'));
  const system = new SystemInfo(compute, app.getVersion());
  const describeSystem = () => system.describe();
  const documents = app.getPath('documents');
  const reports = new Reports({
    compute,
    picture: (folder, split, index) => thumbnails.png(folder, split, index),
    chooseFile: (name) => chooseSaveFile(window, documents, { name, kind: 'pdf' }),
    print: (job, file) => printReport(job, files, file),
  });
  hardenSession(session.defaultSession);
  servePages(session.defaultSession, files, (run, split, index) =>
    thumbnails.png(registry.folderOf(run), split, index),
  );
  const sources = new ImportSources();
  const menu = new MenuBar(
    () => window,
    () => registry.list(),
  );
  registry.watch(() => menu.draw());
  menu.draw();
  const gate = new IpcGate({
    failed: (method, error) => log.failed(method, error),
    answered: notifyOfAnswer,
  });
  const restricted = restrictedShell(gate, files, settings);
  const handlers = appHandlers({
    ...{ compute, registry, recordings, views, reports, drafts, describeSystem },
    ...{ sources, memory, log, runsFolderGiven: runsFolder !== null },
    chooseSource: (takes) => chooseImportSource(window, takes),
    chooseMoveFolder: () => chooseMoveFolder(window),
    chooseRunFolder: () => chooseRunFolder(window, registry.runsFolder),
    chooseFile: (suggestion) => chooseSaveFile(window, documents, suggestion),
    choosePicture: () => choosePictureFile(window),
    saveFile: (suggestion, content) =>
      saveChosen(() => chooseSaveFile(window, documents, suggestion), content),
    openRecipe: () => openChosenRecipe(compute, () => chooseRecipeFile(window, documents)),
    readPreferences: () => settings.preferences,
    changePreferences: restricted.changePreferences,
    chooseRunsFolder: async () => {
      const folder = await chooseRunsFolder(window, registry.runsFolder);
      if (folder === null) return null;
      settings.change({ runsFolder: folder });
      registry.useFolder(folder);
      return folder;
    },
    readStorage: async () => ({
      freeBytes: await freeBytes(registry.runsFolder),
      dataBytes: await bytesIn(importedDataFolder()),
      cacheBytes: await bytesIn(cacheFolder()),
      pictureBytes: thumbnails.bytes,
      mostPictureBytes: keptBytes,
    }),
    readPulse: async () => ({
      freeBytes: await freeBytes(registry.runsFolder),
      recordings: recordings.count,
    }),
    refuseCommands: (commands) => menu.refuse(commands),
    changeView: (change) => window && changeView(window, change),
    writeClipboard: (text) => clipboard.writeText(text),
    showRelease: async (file) => {
      await openReleaseWindow(file, restricted);
    },
    openRelease: async (run) => {
      const file = run
        ? join(run.folder, privacyFiles.release)
        : await chooseReleaseFile(window, documents);
      if (file === null) return false;
      await openReleaseWindow(file, restricted);
      return true;
    },
  });
  const open = () => {
    const opened = openMainWindow(settings, preloadFile());
    gate.admit<AppMethods>(opened, handlers, appSchemas, (path) => sources.add(path));
    opened.once('closed', () => {
      window = null;
    });
    window = opened;
    return opened;
  };
  return { compute, registry, recordings, open };
}

/** What restricted windows share with the rest of the shell: nothing that knows a run. */
function restrictedShell(
  gate: IpcGate,
  files: ReadonlyMap<string, string>,
  settings: SettingsFile,
): RestrictedShell {
  return {
    ...{ gate, files, settings },
    preload: preloadFile(),
    version: app.getVersion(),
    documents: app.getPath('documents'),
    changePreferences: (changes) => {
      if (changes.theme) nativeTheme.themeSource = changes.theme;
      settings.prefer(changes);
    },
  };
}

/** `--open-release`: a restricted window; no run can be reached from this process. */
export async function runRestricted(mode: StartMode & { kind: 'release' }): Promise<void> {
  const [settings, files] = await Promise.all([
    SettingsFile.open(join(app.getPath('userData'), 'restricted-settings.json')),
    fileMap(builtPages()),
  ]);
  nativeTheme.themeSource = settings.values.theme;
  hardenSession(session.defaultSession);
  let window: BrowserWindow | null = null;
  new MenuBar(() => window).draw();
  window = await openReleaseWindow(mode.file, restrictedShell(new IpcGate(), files, settings));
}

/** The ordinary start: one window, until it is closed and nothing is being recorded. */
export async function runWindow(mode: StartMode & { kind: 'window' }): Promise<void> {
  const shell = await assemble(mode.runsFolder);
  let window = guarded(shell);
  if (mode.run !== null) {
    const run = await shell.registry.add(mode.run);
    window.webContents.once('did-finish-load', () =>
      sendCommand(window, { kind: 'show', screen: 'explain', run: run.id }),
    );
  }
  const bringBack = () => {
    if (window.isDestroyed()) window = guarded(shell);
    else {
      if (window.isMinimized()) window.restore();
      window.focus();
    }
  };
  // Without a listener Electron would end with the last window, recordings or not.
  app.on('window-all-closed', () => {});
  app.on('second-instance', bringBack);
  app.on('activate', bringBack);
}

/** A window whose closing asks what becomes of the recordings. */
function guarded(shell: Shell): BrowserWindow {
  const { recordings, compute } = shell;
  const window = shell.open();
  let decided = false;
  const leave = async () => {
    const answer = await askClosing(window, recordings.count);
    if (answer === 'stay') return;
    decided = true;
    if (answer === 'pause') await recordings.stopAll();
    window.close();
  };
  window.on('close', (event) => {
    if (decided || recordings.count === 0) return;
    event.preventDefault();
    void leave();
  });
  window.once('closed', () => {
    void recordings
      .settled()
      .then(() => compute.close())
      .then(() => {
        if (window.isDestroyed()) app.quit();
      });
  });
  return window;
}

/** `--capture`: pictures of every view over one run. */
export async function runCapture(mode: StartMode & { kind: 'capture' }): Promise<void> {
  const shell = await assemble(null, false);
  const run = await shell.registry.add(await realpath(mode.run));
  const window = shell.open();
  await new Promise<void>((resolve) => window.webContents.once('did-finish-load', resolve));
  const files = await captureViews(window, run.id, mode.into);
  for (const file of files) process.stdout.write(`${file}\n`);
  await shell.compute.close();
}

/** `--print-reports`: PDFs from finished models, one after another. */
export async function runPrint(mode: StartMode & { kind: 'print' }): Promise<void> {
  // Without a listener Electron would end with the first report's page.
  app.on('window-all-closed', () => {});
  const files = await fileMap(builtPages());
  for (const { job, pdf } of await readPrintList(mode.list)) {
    await printReport(await readPrintJob(job), files, pdf);
  }
}
