/**
 * Settles once the typeface of charts is there: their words are measured as they are drawn. Asked for
 * once, as asking has a page laid out.
 */
export const typefaceReady: Promise<unknown> = document.fonts
  .load('12px "IBM Plex Sans Variable"', 'Aγ')
  .catch(() => []);
