import { writeFile } from 'node:fs/promises';
import { BrowserWindow, session } from 'electron';
import { DeltascopeError } from '../../src-shared/errors';
import type { PrintJob } from '../../src-shared/report/report-model';
import { hardenSession } from './hardening';
import { pagePreferences } from './main-window';
import { printFooter, printHeader } from './print-furniture';
import { serveReport, windowOrigin } from './protocol';

const readyWithinMs = 60_000;
let printed = 0;

/**
 * Prints a report to a PDF file. The page runs in a session of its own that knows this one job, so
 * that nothing of another report can get into it.
 */
export async function printReport(
  job: PrintJob,
  files: ReadonlyMap<string, string>,
  file: string,
): Promise<void> {
  // A session without "persist:" lives in memory and is gone with its window.
  const own = session.fromPartition(`report-${printed++}`);
  hardenSession(own);
  serveReport(own, files, job);
  const window = new BrowserWindow({
    show: false,
    width: 1000,
    height: 1400,
    webPreferences: { ...pagePreferences, session: own, javascript: true },
  });
  try {
    await window.loadURL(`${windowOrigin}/report.html`);
    await waitUntilReady(window);
    const pdf = await window.webContents.printToPDF({
      pageSize: 'A4',
      printBackground: true,
      preferCSSPageSize: false,
      displayHeaderFooter: true,
      headerTemplate: printHeader(job.model),
      footerTemplate: printFooter(job.model),
      margins: { top: 0.86, bottom: 0.78, left: 0.75, right: 0.75 },
      generateTaggedPDF: true,
      generateDocumentOutline: true,
    });
    await writeFile(file, pdf);
  } catch (error) {
    if (error instanceof DeltascopeError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new DeltascopeError('print-failed', 'app', `The report was not saved: ${reason}`, {
      cause: error,
    });
  } finally {
    window.destroy();
  }
}

/** The page marks itself when fonts and figures are there; it says so if it can't. */
async function waitUntilReady(window: BrowserWindow): Promise<void> {
  const until = performance.now() + readyWithinMs;
  while (performance.now() < until) {
    const state: unknown = await window.webContents.executeJavaScript(
      'document.documentElement.dataset.report ?? ""',
    );
    if (state === 'ready') return;
    if (typeof state === 'string' && state.startsWith('failed')) {
      throw new DeltascopeError('print-failed', 'app', `The report could not be drawn: ${state}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new DeltascopeError('print-failed', 'app', 'The report was not drawn within a minute.');
}
