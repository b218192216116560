import { bytesInWords, corrupt } from '../failures';
import { openPicture } from '../picture-readers';
import { readWhole } from './confined';

/** Compressed bytes and pixels of one picture; more is no example of a data set. */
const largestFile = 64 * 2 ** 20;
const mostPixels = 64e6;

/** What a picture's header says, upright as it is meant to be seen. */
export interface PictureHeader {
  readonly height: number;
  readonly width: number;
  /** Whether it has colours, not only greys. */
  readonly colour: boolean;
  readonly alpha: boolean;
  readonly deep: boolean;
  readonly turned: boolean;
  readonly frames: number;
}

/** A picture file in memory, known to be PNG, JPEG or WebP by its first bytes. */
export interface PictureFile {
  readonly bytes: Buffer;
  readonly file: string;
}

/**
 * @param file how errors name it
 * @throws `data-corrupt` where it is too large or none of the three formats
 */
export async function readPicture(path: string, file: string): Promise<PictureFile> {
  const bytes = await readWhole(path, file, largestFile);
  const start = bytes.toString('latin1', 0, 12);
  const known =
    start.startsWith('\x89PNG\r\n\x1a\n') ||
    start.startsWith('\xff\xd8\xff') ||
    (start.startsWith('RIFF') && start.endsWith('WEBP'));
  if (known) return { bytes, file };
  throw corrupt({ file, offset: 0 }, 'it does not start like a PNG, JPEG or WebP picture.');
}

/** The header alone; sizes beyond the limit are refused before anything is unpacked. */
export async function pictureHeader({ bytes, file }: PictureFile): Promise<PictureHeader> {
  const found = await openPicture(bytes, { limitInputPixels: false })
    .metadata()
    .catch((error: unknown) => {
      throw damaged(file, error);
    });
  const { width, height } = found.autoOrient;
  if (!(width >= 1 && height >= 1 && width * height <= mostPixels)) {
    const rule = `the picture is ${height} × ${width}; at most ${mostPixels / 1e6} million pixels are read.`;
    throw corrupt({ file, offset: 0 }, rule);
  }
  return {
    ...{ height, width },
    colour: !/^(?:b-w|grey16)$/.test(found.space ?? ''),
    alpha: found.hasAlpha === true,
    deep: found.depth !== 'uchar',
    turned: (found.orientation ?? 1) > 1,
    frames: found.pages ?? 1,
  };
}

/**
 * A picture's pixels in 8 bits, [height, width, channels]: upright, transparent parts white, 16 bits cut
 * to 8, colours in sRGB, and where it has another size, stretched to the wanted one.
 */
export async function picturePixels(
  { bytes, file }: PictureFile,
  height: number,
  width: number,
  channels: 1 | 3,
): Promise<Buffer> {
  const { data, info } = await openPicture(bytes, {
    limitInputPixels: mostPixels,
    autoOrient: true,
  })
    .flatten({ background: '#ffffff' })
    .resize({ height, width, fit: 'fill' })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw damaged(file, error);
    });
  if (data.length === height * width * channels && info.channels === channels) return data;
  const rule = `it unpacks to ${bytesInWords(data.length)}, not ${height} × ${width} × ${channels}.`;
  throw corrupt({ file, offset: 0 }, rule);
}

function damaged(file: string, error: unknown) {
  const [reason = ''] = String(error instanceof Error ? error.message : error).split('\n');
  const words = reason.replace(/[^\x20-\x7e]/g, '?').slice(0, 120);
  return corrupt({ file, offset: 0 }, `the picture is damaged (${words}).`, error);
}
