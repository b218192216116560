import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { readStatus } from '../../../scripts/provision/status.mjs';

const execute = promisify(execFile);

/** Runs one of poppler's programs, which are not ours; gives what it prints. */
async function poppler(
  name: 'pdftotext' | 'pdftoppm' | 'pdfinfo' | 'pdfimages',
  words: readonly string[],
) {
  const text = readStatus()?.display.pdfToText ?? 'pdftotext';
  const program = join(dirname(text), name);
  const { stdout } = await execute(program, words, { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** The words of a PDF in the order in which they are written, page by page. */
export async function pagesOf(file: string): Promise<string[]> {
  const text = await poppler('pdftotext', ['-raw', '-enc', 'UTF-8', file, '-']);
  // Every page ends with a form feed.
  return text.split('\f').slice(0, -1);
}

/** The PDF's tree of headings, tables and figures, a line each. */
export function structureOf(file: string): Promise<string> {
  return poppler('pdfinfo', ['-struct-text', file]);
}

/** How many pictures a PDF holds; figures are vectors and do not count. */
export async function picturesIn(file: string): Promise<number> {
  const lines = (await poppler('pdfimages', ['-list', file])).trim().split('\n');
  return lines.length - 2;
}

/**
 * How far to the right a colour is drawn on a page, as a part of the page's width; 0: nowhere.
 *
 * @param page from 1
 */
export async function reachOf(file: string, page: number, color: string): Promise<number> {
  const out = join(await mkdtemp(join(tmpdir(), 'deltascope-page-')), 'page');
  const one = String(page);
  await poppler('pdftoppm', ['-png', '-singlefile', '-r', '72', '-f', one, '-l', one, file, out]);
  const { data, info } = await sharp(`${out}.png`).raw().toBuffer({ resolveWithObject: true });
  await rm(dirname(out), { recursive: true });
  const wanted = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
  let most = 0;
  for (let at = 0; at < data.length; at += info.channels) {
    if (!wanted.every((value, c) => Math.abs((data[at + c] as number) - value) < 24)) continue;
    most = Math.max(most, ((at / info.channels) % info.width) / info.width);
  }
  return most;
}

/** Text with every run of white space as one space, so that line breaks don't matter. */
export function flat(text: string): string {
  // How narrow a space before a per cent sign is, is the typesetter's affair.
  return text
    .replace(/\s+/g, ' ')
    .replace(/(\d) ?%/g, '$1 %')
    .trim();
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
  /^\s*(Initialization|Ghost samples|Residual|\d+)\s+(\u2212?[\d.]+(?:e\u2212\d+)?\s*%)(?:\s+(\d+))?/;

function partRow(line: string): string[] | null {
  const match = row.exec(line);
  if (!match) return null;
  const [, part = '', share = '', steps = ''] = match;
  return [part, flat(share), steps];
}
