import { join } from 'node:path';
import { type BrowserWindow, dialog } from 'electron';
import type { FigureKind } from '../../src-shared/contract/app/report';

/** Asks for a file or a folder; null when cancelled. */
async function chosenPath(
  window: BrowserWindow | null,
  options: Electron.OpenDialogOptions,
): Promise<string | null> {
  const { canceled, filePaths } = window
    ? await dialog.showOpenDialog(window, options)
    : await dialog.showOpenDialog(options);
  return canceled ? null : (filePaths[0] ?? null);
}

/** Asks for a run's folder; null when cancelled. */
export function chooseRunFolder(
  window: BrowserWindow | null,
  startAt: string,
): Promise<string | null> {
  return chosenPath(window, {
    title: 'Open a run',
    message: 'Choose the folder of a recorded run',
    buttonLabel: 'Open run',
    defaultPath: startAt,
    properties: ['openDirectory', 'dontAddToRecent'],
  });
}

/** Asks for the folder that new recordings go into; null when cancelled. */
export function chooseRunsFolder(
  window: BrowserWindow | null,
  startAt: string,
): Promise<string | null> {
  return chosenPath(window, {
    title: 'Folder of new recordings',
    message: 'Choose the folder that new recordings go into',
    buttonLabel: 'Use this folder',
    defaultPath: startAt,
    properties: ['openDirectory', 'createDirectory', 'dontAddToRecent'],
  });
}

/** Asks for the folder that a run is to be moved into; null when cancelled. */
export function chooseMoveFolder(window: BrowserWindow | null): Promise<string | null> {
  return chosenPath(window, {
    title: 'Move the recording',
    message: 'Choose a folder on a disk with more room',
    buttonLabel: 'Move here and resume',
    properties: ['openDirectory', 'createDirectory', 'dontAddToRecent'],
  });
}

/** Asks for a file or folder to import; null when cancelled. */
export function chooseImportSource(
  window: BrowserWindow | null,
  takes: 'file' | 'folder',
): Promise<string | null> {
  return chosenPath(window, {
    title: 'Import data',
    message: `Choose the ${takes} to import`,
    buttonLabel: 'Preview',
    properties: [takes === 'folder' ? 'openDirectory' : 'openFile', 'dontAddToRecent'],
  });
}

/** Asks for a picture to be explained; null when cancelled. */
export function choosePictureFile(window: BrowserWindow | null): Promise<string | null> {
  return chosenPath(window, {
    title: 'Explain a picture',
    buttonLabel: 'Explain',
    filters: [{ name: 'Pictures', extensions: ['png', 'jpg', 'jpeg', 'webp'] }],
    properties: ['openFile', 'dontAddToRecent'],
  });
}

/** A file that is to be saved: its name without ending, and what it is. */
export interface FileSuggestion {
  readonly name: string;
  readonly kind: 'pdf' | 'json' | 'release' | FigureKind;
}

const saving = {
  pdf: { title: 'Export the report', buttonLabel: 'Export PDF' },
  svg: { title: 'Save the figure', buttonLabel: 'Save SVG' },
  png: { title: 'Save the figure', buttonLabel: 'Save PNG' },
  csv: { title: 'Save the numbers', buttonLabel: 'Save CSV' },
  json: { title: 'Save the recipe', buttonLabel: 'Save recipe' },
  release: { title: 'Save the release', buttonLabel: 'Save release' },
} as const;

/** Asks where something is to be saved; null when cancelled. */
export async function chooseSaveFile(
  window: BrowserWindow | null,
  folder: string,
  { name, kind }: FileSuggestion,
): Promise<string | null> {
  const ending = kind === 'release' ? 'json' : kind;
  const options: Electron.SaveDialogOptions = {
    ...saving[kind],
    defaultPath: join(folder, `${name}.${ending}`),
    filters: [{ name: ending.toUpperCase(), extensions: [ending] }],
  };
  const { canceled, filePath } = window
    ? await dialog.showSaveDialog(window, options)
    : await dialog.showSaveDialog(options);
  if (canceled || !filePath) return null;
  return filePath.toLowerCase().endsWith(`.${ending}`) ? filePath : `${filePath}.${ending}`;
}

/** Asks for a release file; null when cancelled. */
export function chooseReleaseFile(
  window: BrowserWindow | null,
  folder: string,
): Promise<string | null> {
  return chosenPath(window, {
    title: 'Open a release',
    message: 'Choose a release file',
    buttonLabel: 'Open release',
    defaultPath: folder,
    filters: [{ name: 'JSON', extensions: ['json'] }],
    properties: ['openFile', 'dontAddToRecent'],
  });
}

/** Asks for a recipe; null when cancelled. */
export function chooseRecipeFile(
  window: BrowserWindow | null,
  startAt: string,
): Promise<string | null> {
  return chosenPath(window, {
    title: 'Load a recipe',
    buttonLabel: 'Load recipe',
    defaultPath: startAt,
    filters: [{ name: 'Recipes', extensions: ['json'] }],
    properties: ['openFile', 'dontAddToRecent'],
  });
}

export type ClosingAnswer = 'background' | 'pause' | 'stay';

/** What to do with recordings when the window is closed. */
export async function askClosing(window: BrowserWindow, count: number): Promise<ClosingAnswer> {
  const what = count === 1 ? 'A recording is' : `${count} recordings are`;
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    title: 'Deltascope',
    message: `${what} still running.`,
    detail:
      'Continue in the background: the window closes, recording goes on, and Deltascope ends when it is done. Pause and quit: the steps recorded so far are saved, and the run can be resumed later, bit for bit.',
    buttons: ['Continue in background', 'Pause and quit', 'Cancel'],
    defaultId: 0,
    cancelId: 2,
  });
  return response === 0 ? 'background' : response === 1 ? 'pause' : 'stay';
}
