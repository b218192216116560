/** Numbers as words, the same in window, report and terminal. Minus is U+2212. */

const minus = '\u2212';
/**
 * Between thousands and before a unit: never broken, and as wide as U+202F is in other typefaces. In the
 * window's own, U+202F is half as wide, so that 18.4 % reads as one word.
 */
const space = '\u00a0';

const separators = { space, comma: ',', plain: '' } as const;
let separator: string = space;

/** Sets what stands between thousands, in this window; reports always have spaces. */
export function groupThousands(by: keyof typeof separators): void {
  separator = separators[by];
}

/** An integer with its thousands grouped: 20 000. */
export function formatCount(value: number): string {
  const digits = Math.abs(Math.round(value)).toString();
  const grouped = digits.length > 4 ? digits.replace(/\B(?=(\d{3})+$)/g, separator) : digits;
  return value < 0 ? minus + grouped : grouped;
}

/** A number to `digits` significant digits; very small or large ones as 3.1e−7. */
export function formatNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  // Rounded first, as that may give it a digit more before the point.
  const size = Number(Math.abs(value).toPrecision(digits));
  if (size < 1e-3 || size >= 1e6) {
    const [mantissa = '0', exponent = '0'] = size.toExponential(digits - 1).split('e');
    const power = exponent.startsWith('-') ? minus + exponent.slice(1) : exponent.slice(1);
    return `${value < 0 ? minus : ''}${mantissa}e${power}`;
  }
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return formatFixed(value, decimals);
}

/** A number with a fixed count of decimals, so that columns line up. */
export function formatFixed(value: number, decimals: number): string {
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? minus + text : text;
}

/** A share of one as per cent: 12.3 %. */
export function formatPercent(value: number, decimals = 1): string {
  return `${formatFixed(value * 100, decimals)}${space}%`;
}

/** A share that may be so near to nothing that only its size tells: −3e−6 %. */
export function formatTinyPercent(value: number, digits = 1): string {
  return `${formatNumber(value * 100, digits)}${space}%`;
}

/** A residual: one significant digit is all it means. */
export function formatResidual(value: number): string {
  return value === 0 ? '0' : formatNumber(value, 1).replace('.0e', 'e');
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Bytes in powers of 1000: 17.2 GB. */
export function formatBytes(bytes: number): string {
  const [value, unit] = scaleBytes(bytes);
  return `${value}${space}${unit}`;
}

/** A range of bytes in one unit: 38–44 GB. */
export function formatByteRange(low: number, high: number): string {
  const [, unit] = scaleBytes(high);
  const factor = 1000 ** byteUnits.indexOf(unit);
  const [from, to] = [roundBytes(low / factor), roundBytes(high / factor)];
  return from === to ? `${to}${space}${unit}` : `${from}–${to}${space}${unit}`;
}

/** How bytes are written along an axis to `largest`: all in one unit, with the same decimals. */
export function bytesUpTo(largest: number): (bytes: number) => string {
  const [written, unit] = scaleBytes(largest);
  const factor = 1000 ** byteUnits.indexOf(unit);
  const decimals = written.split('.')[1]?.length ?? 0;
  return (bytes) => `${(bytes / factor).toFixed(bytes === 0 ? 0 : decimals)}${space}${unit}`;
}

function scaleBytes(bytes: number): [string, (typeof byteUnits)[number]] {
  let index = 0;
  let value = bytes;
  while (value >= 1000 && index < byteUnits.length - 1) {
    value /= 1000;
    index++;
  }
  return [index === 0 ? String(Math.round(value)) : roundBytes(value), byteUnits[index] ?? 'B'];
}

function roundBytes(value: number): string {
  return value >= 99.95 ? value.toFixed(0) : value >= 0.995 ? value.toFixed(1) : value.toFixed(2);
}
