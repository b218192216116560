import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { patchBinding } from '../../../scripts/provision/binding-patch.mjs';

const sources = 'node_modules/@tensorflow/tfjs-node-gpu/binding';
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deltascope-binding-'));
});

afterEach(() => rm(folder, { recursive: true }));

test('fits the package that is installed', async () => {
  await patchBinding(sources, folder);
  expect(await readFile(join(folder, 'tfjs_backend.h'), 'utf8')).toContain('HandleOf(int32_t id)');
  const binding = await readFile(join(folder, 'tfjs_binding.cc'), 'utf8');
  expect(binding).toMatch(
    /#include "quantise.h"\n#include "matrices.h"\n#include "loss.h"\n#include "normalise.h"\nstatic void AssignInt/,
  );
  expect(binding).toContain('{"descend", nullptr, Descend,');
  expect(binding).toContain('{"multiplyStored", nullptr, MultiplyStored,');
  expect(binding).toContain('{"quantiseTensors", nullptr, QuantiseTensors,');
  expect(await readFile(join(folder, 'quantise.h'), 'utf8')).toContain('QuantiseTensors');
  expect(await readFile(join(folder, 'products.cc'), 'utf8')).toContain('MultiplyStored(');
  expect(await readFile(join(folder, 'descend.h'), 'utf8')).toContain('DescendAll');
  for (const [, file = ''] of binding.matchAll(/#include "(\w+\.h)"/g)) {
    expect(await readdir(folder)).toContain(file);
  }
});

test('refuses sources it does not know', async () => {
  await writeFile(join(folder, 'tfjs_binding.cc'), 'int main() {}');
  await expect(patchBinding(folder, folder)).rejects.toThrow(
    "the binding's tfjs_binding.cc is not the one known",
  );
});
