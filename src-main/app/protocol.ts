import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { protocol, type Session } from 'electron';
import { reportOf } from '../../src-shared/errors';
import type { PrintJob } from '../../src-shared/report/report-model';
import { contentTypeOf, securityHeaders } from './content-policy';

export const scheme = 'app';
/** Where the window's own files live. */
export const windowOrigin = `${scheme}://window`;

/** Gives a picture of a training or test example as PNG. */
export type PictureSource = (
  run: string,
  split: 'train' | 'test',
  index: number,
) => Promise<Uint8Array>;

/** Must run before the application is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Every file of the built window by its path in the address; nothing else is ever read. */
export async function fileMap(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && contentTypeOf(entry.name) !== null);
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [`/${relative(folder, path).split(sep).join('/')}`, path];
    }),
  );
}

/** Serves the window's files, and the pictures of examples where there is a source of them. */
export function servePages(
  session: Session,
  files: ReadonlyMap<string, string>,
  pictures?: PictureSource,
): void {
  session.protocol.handle(scheme, async ({ url }) => {
    const { host, pathname } = new URL(url);
    if (host === 'window') return serveFile(files, pathname);
    if (host === 'thumbnail' && pictures) return servePicture(pictures, pathname);
    return notFound();
  });
}

/** Serves the report page with one job; this session knows no run and no other picture. */
export function serveReport(
  session: Session,
  files: ReadonlyMap<string, string>,
  job: PrintJob,
): void {
  const pictures = new Map(Object.entries(job.pictures));
  session.protocol.handle(scheme, async ({ url }) => {
    const { host, pathname } = new URL(url);
    if (host !== 'window') return notFound();
    if (pathname === '/report-model.json')
      return respond(JSON.stringify(job.model), 'application/json');
    const picture = /^\/picture\/([a-z]+-\d+)\.png$/.exec(pathname)?.[1];
    if (picture === undefined) return serveFile(files, pathname);
    const png = pictures.get(picture);
    return png === undefined ? notFound() : respond(Buffer.from(png, 'base64'), 'image/png');
  });
}

async function serveFile(files: ReadonlyMap<string, string>, path: string): Promise<Response> {
  const file = files.get(path);
  const type = contentTypeOf(path);
  if (file === undefined || type === null) return notFound();
  return respond(await readFile(file), type);
}

async function servePicture(pictures: PictureSource, path: string): Promise<Response> {
  const match = /^\/([0-9a-f]{16})\/(train|test)\/(\d{1,12})\.png$/.exec(path);
  if (!match) return notFound();
  const [, run = '', split, index] = match;
  try {
    const png = await pictures(run, split === 'train' ? 'train' : 'test', Number(index));
    return respond(png, 'image/png', { 'Cache-Control': 'private, max-age=86400' });
  } catch (error) {
    return new Response(reportOf(error, 'app').code, { status: 404, headers: securityHeaders });
  }
}

function respond(
  body: string | Uint8Array,
  type: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const bytes = typeof body === 'string' ? body : new Uint8Array(body);
  return new Response(bytes, { headers: { ...securityHeaders, 'Content-Type': type, ...headers } });
}

function notFound(): Response {
  return new Response('Not found', { status: 404, headers: securityHeaders });
}
