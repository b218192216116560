import type { ElectronApplication } from '@playwright/test';

/** Answers the next folder dialogs; null cancels them. */
export async function answerOpenDialog(
  application: ElectronApplication,
  folder: string | null,
): Promise<void> {
  await application.evaluate(({ dialog }, path) => {
    dialog.showOpenDialog = () =>
      Promise.resolve({ canceled: path === null, filePaths: path === null ? [] : [path] });
  }, folder);
}

/** Answers the next save dialogs; null cancels them. */
export async function answerSaveDialog(
  application: ElectronApplication,
  file: string | null,
): Promise<void> {
  await application.evaluate(({ dialog }, path) => {
    dialog.showSaveDialog = () =>
      Promise.resolve({ canceled: path === null, filePath: path ?? '' });
  }, file);
}
