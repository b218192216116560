import sharp from 'sharp';

/**
 * The reader of pictures, with nothing within reach but what is needed: PNG, JPEG and WebP for files,
 * which are told by their first bytes before they come here, and SVG for what RDKit draws.
 */
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    'VipsForeignLoadPngBuffer',
    'VipsForeignLoadJpegBuffer',
    'VipsForeignLoadWebpBuffer',
    'VipsForeignLoadSvgBuffer',
  ],
});
// Every picture is read twice at most, and several at a time.
sharp.cache(false);
sharp.concurrency(1);

export const openPicture = sharp;
