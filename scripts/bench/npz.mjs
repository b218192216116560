// @ts-check
import { writeFileSync } from 'node:fs';
import { strToU8, zipSync } from 'fflate';

/**
 * Writes a data set of bytes as an archive of NumPy arrays.
 *
 * @typedef {{ shape: number[], values: Uint8Array }} Bytes
 *
 * @param {string} file
 * @param {{ x_train: Bytes, y_train: Bytes, x_test: Bytes, y_test: Bytes }} arrays
 */
export function writeNpz(file, arrays) {
  const entries = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, npy(array)]);
  writeFileSync(file, zipSync(Object.fromEntries(entries), { level: 0 }));
}

/** @param {Bytes} array @returns {Uint8Array} NumPy's format 1.0, uint8 */
function npy({ shape, values }) {
  const about = `{'descr': '|u1', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const padded = `${about.padEnd(118 - 1)}\n`;
  const head = Uint8Array.of(0x93, ...strToU8('NUMPY'), 1, 0, padded.length, 0);
  const file = new Uint8Array(head.length + padded.length + values.length);
  file.set(head);
  file.set(strToU8(padded), head.length);
  file.set(values, head.length + padded.length);
  return file;
}
