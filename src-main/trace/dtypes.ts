/** Element types a file of a run may hold; everything else is refused before it is read. */
export const dtypeBytes = {
  F64: 8,
  F32: 4,
  F16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
} as const;

export type Dtype = keyof typeof dtypeBytes;

export function isDtype(value: unknown): value is Dtype {
  return typeof value === 'string' && Object.hasOwn(dtypeBytes, value);
}

/** Bytes of a tensor; null where they can't be counted exactly. */
export function tensorBytes(dtype: Dtype, shape: readonly number[]): number | null {
  let bytes: number = dtypeBytes[dtype];
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) return null;
    bytes *= size;
    if (!Number.isSafeInteger(bytes)) return null;
  }
  return bytes;
}
