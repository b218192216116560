import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readStatus } from '../../../scripts/provision/status.mjs';

const execute = promisify(execFile);

/** The words of a PDF, page by page, read by a program that is not ours. */
export async function pagesOf(file: string): Promise<string[]> {
  const program = readStatus()?.display.pdfToText ?? 'pdftotext';
  const { stdout } = await execute(program, ['-layout', '-enc', 'UTF-8', file, '-'], {
    maxBuffer: 64 * 1024 * 1024,
  });
  // Every page ends with a form feed.
  return stdout.split('\f').slice(0, -1);
}

/** Text with every run of white space as one space, so that line breaks don't matter. */
export function flat(text: string): string {
  return text.replace(/[\s\u202f\u00a0]+/g, ' ').trim();
}

/** The table rows of a layer in a report: part, share and steps as they are printed. */
export function printedParts(text: string, layer: string): string[][] {
  const from = text.search(new RegExp(`Table \\d+\\. The parts of ${layer}\\b`));
  if (from < 0) throw new Error(`the report has no table of ${layer}`);
  const rows: string[][] = [];
  for (const line of text.slice(from).split('\n').slice(1)) {
    const [part, share, steps] = partRow(line) ?? [];
    if (part === undefined || share === undefined) continue;
    rows.push([part, share, steps ?? '']);
    if (part === 'Residual') return rows;
  }
  throw new Error(`the table of ${layer} has no end`);
}

const row =
  /^\s*(Initialization|Ghost samples|Residual|\d+)\s+(\u2212?[\d.]+(?:e\u2212\d+)?[\s\u202f]%)(?:\s+(\d+))?/;

function partRow(line: string): string[] | null {
  const match = row.exec(line);
  if (!match) return null;
  const [, part = '', share = '', steps = ''] = match;
  return [part, flat(share), steps];
}
