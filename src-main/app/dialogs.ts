import { type BrowserWindow, dialog } from 'electron';

/** Asks for a run's folder; null when cancelled. */
export async function chooseRunFolder(
  window: BrowserWindow | null,
  startAt: string,
): Promise<string | null> {
  const options: Electron.OpenDialogOptions = {
    title: 'Open a run',
    message: 'Choose the folder of a recorded run',
    buttonLabel: 'Open run',
    defaultPath: startAt,
    properties: ['openDirectory', 'dontAddToRecent'],
  };
  const { canceled, filePaths } = window
    ? await dialog.showOpenDialog(window, options)
    : await dialog.showOpenDialog(options);
  return canceled ? null : (filePaths[0] ?? null);
}

/** Asks for a file or folder to import; null when cancelled. */
export async function chooseImportSource(
  window: BrowserWindow | null,
  takes: 'file' | 'folder',
): Promise<string | null> {
  const options: Electron.OpenDialogOptions = {
    title: 'Import data',
    message: `Choose the ${takes} to import`,
    buttonLabel: 'Preview',
    properties: [takes === 'folder' ? 'openDirectory' : 'openFile', 'dontAddToRecent'],
  };
  const { canceled, filePaths } = window
    ? await dialog.showOpenDialog(window, options)
    : await dialog.showOpenDialog(options);
  return canceled ? null : (filePaths[0] ?? null);
}

/** Asks where a report is to be saved; null when cancelled. */
export async function chooseReportFile(
  window: BrowserWindow | null,
  suggested: string,
): Promise<string | null> {
  const options: Electron.SaveDialogOptions = {
    title: 'Export the report',
    defaultPath: suggested,
    buttonLabel: 'Export PDF',
    filters: [{ name: 'PDF', extensions: ['pdf'] }],
  };
  const { canceled, filePath } = window
    ? await dialog.showSaveDialog(window, options)
    : await dialog.showSaveDialog(options);
  if (canceled || !filePath) return null;
  return filePath.toLowerCase().endsWith('.pdf') ? filePath : `${filePath}.pdf`;
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
      'Continue in the background: the window closes, recording goes on, and Deltascope ends when it is done. Pause and quit: the steps recorded so far are saved, and the run can be continued later, bit for bit.',
    buttons: ['Continue in background', 'Pause and quit', 'Cancel'],
    defaultId: 0,
    cancelId: 2,
  });
  return response === 0 ? 'background' : response === 1 ? 'pause' : 'stay';
}
