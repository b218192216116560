import { readFileSync } from 'node:fs';

/** A tensor of a file, in double precision. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Reads a safetensors file of F32 or F64 without the product's own reader. */
export function readSafetensors(path: string | URL): Map<string, StoredTensor> {
  const file = readFileSync(path);
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.subarray(8, 8 + length).toString()) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const found = new Map<string, StoredTensor>();
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [from, to] = data_offsets;
    const bytes = Uint8Array.from(file.subarray(8 + length + from, 8 + length + to)).buffer;
    const data =
      dtype === 'F64' ? new Float64Array(bytes) : Float64Array.from(new Float32Array(bytes));
    found.set(name, { shape, data });
  }
  return found;
}
