import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import type Sharp from 'sharp';

const load = createRequire(import.meta.url);

/**
 * Electron's program brings a GLib of its own on Linux, and names are looked up there first: the binary
 * of sharp would count references by it on objects of the GLib inside libvips, which counts nothing, so
 * that no picture is ever let go and some are too early. So libvips is loaded first, and then the binary
 * with what it was linked against before all else. sharp then finds it loaded.
 */
function loadBesideAnotherGlib(): void {
  const module = (): object => ({ exports: {} });
  try {
    const platform = `linux-${process.arch}`;
    const binary = createRequire(load.resolve('sharp')).resolve(
      `@img/sharp-${platform}/sharp.node`,
    );
    const beside = createRequire(binary);
    const [file] = /\.\/lib\/[^'"]+\.node/.exec(readFileSync(binary, 'utf8')) ?? [];
    if (file === undefined) return;
    const { RTLD_NOW, RTLD_DEEPBIND } = constants.dlopen;
    try {
      process.dlopen(module(), beside.resolve(`@img/sharp-libvips-${platform}/binary`), RTLD_NOW);
    } catch {
      // It stays loaded, though it is no module of Node.
    }
    process.dlopen(module(), beside.resolve(file), RTLD_NOW | RTLD_DEEPBIND);
  } catch {
    // Another build of sharp, in which there is nothing of this kind: it loads as it does.
  }
}

if (process.platform === 'linux' && process.versions.electron) loadBesideAnotherGlib();

/**
 * The reader of pictures, with nothing within reach but what is needed: PNG, JPEG and WebP for files,
 * which are told by their first bytes before they come here, and SVG for what RDKit draws.
 */
export const openPicture = load('sharp') as typeof Sharp;

openPicture.block({ operation: ['VipsForeignLoad'] });
openPicture.unblock({
  operation: [
    'VipsForeignLoadPngBuffer',
    'VipsForeignLoadJpegBuffer',
    'VipsForeignLoadWebpBuffer',
    'VipsForeignLoadSvgBuffer',
  ],
});
// Every picture is read twice at most, and several at a time.
openPicture.cache(false);
openPicture.concurrency(1);
