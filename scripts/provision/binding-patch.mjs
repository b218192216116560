// @ts-check
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../build/root.mjs';
import { SetUpError } from './say.mjs';

/** What goes into the package's sources: [file, the text it stands in front of, what is put in]. */
const INSERTIONS = [
  [
    'tfjs_backend.h',
    '  // Get number of tensor handles in the backend:',
    '  // The tensor of an ID, or a nullptr.\n' +
      '  TFE_TensorHandle *HandleOf(int32_t id) const {\n' +
      '    auto entry = tfe_handle_map_.find(id);\n' +
      '    return entry == tfe_handle_map_.end() ? nullptr : entry->second;\n' +
      '  }\n\n' +
      '  // Takes a tensor; gives what JavaScript is told of it.\n' +
      '  napi_value Keep(napi_env env, TFE_TensorHandle *handle) {\n' +
      '    return GenerateOutputTensorInfo(env, handle);\n' +
      '  }\n\n',
  ],
  // The rest is put inside a namespace, where standard headers must not come for the first time.
  [
    'tfjs_binding.cc',
    '#include "tfjs_backend.h"\n',
    ['algorithm', 'atomic', 'cmath', 'condition_variable', 'cstdint', 'cstdlib', 'cstring']
      .concat('functional', 'mutex', 'thread', 'vector')
      .map((header) => `#include <${header}>\n`)
      .concat('#include "products.h"\n\n')
      .join(''),
  ],
  [
    'tfjs_binding.cc',
    'static void AssignIntProperty(',
    [
      'tensors',
      'threads',
      'gemm',
      'winograd',
      'descend',
      'quantise',
      'matrices',
      'loss',
      'normalise',
    ]
      .map((file) => `#include "${file}.h"\n`)
      .join(''),
  ],
  [
    'tfjs_binding.cc',
    '      {"executeOp", nullptr, ExecuteOp,',
    [
      ['descend', 'Descend'],
      ['quantiseTensors', 'QuantiseTensors'],
      ['multiply', 'Multiply'],
      ['multiplySum', 'MultiplySum'],
      ['multiplyStored', 'MultiplyStored'],
      ['sumRows', 'SumRows'],
      ['rectify', 'Rectify'],
      ['copyNumbers', 'CopyNumbers'],
      ['reshape', 'Reshape'],
      ['softmaxCrossEntropy', 'SoftmaxCrossEntropy'],
      ['convolveTiled', 'ConvolveTiled'],
      ['correlateTiled', 'CorrelateTiled'],
      ['normalize', 'Normalize'],
      ['normalizeBy', 'NormalizeBy'],
      ['normalizeGradient', 'NormalizeGradient'],
      ['tiledMaxGradient', 'TiledMaxGradient'],
    ]
      .map(
        ([name, made]) =>
          `      {"${name}", nullptr, ${made}, nullptr, nullptr, nullptr, napi_default, nullptr},\n`,
      )
      .join(''),
  ],
];

const ADDED = join(ROOT, 'src-main/engine/binding');

/**
 * Names what is patched in: it is another with every change, so that an older binding is built anew.
 *
 * @returns {string}
 */
export function patchName() {
  const hash = createHash('sha256').update(JSON.stringify(INSERTIONS));
  for (const name of readdirSync(ADDED).sort()) {
    hash.update(`\0${name}\0`).update(readFileSync(join(ADDED, name)));
  }
  return hash.digest('hex').slice(0, 8);
}

/**
 * Copies the binding's sources and lets the copy multiply small matrices itself, update weights where
 * they lie, and quantise tensors on their way out of TensorFlow.
 *
 * @param {string} source the package's folder with the binding's sources
 * @param {string} target an existing, empty folder
 * @throws {SetUpError} where the sources are not those that the patch was made for
 */
export async function patchBinding(source, target) {
  for (const name of await readdir(source)) {
    let text = await readFile(join(source, name), 'utf8');
    for (const [file, before, added] of INSERTIONS) {
      if (file !== name) continue;
      const parts = text.split(String(before));
      if (parts.length !== 2) throw new SetUpError(`the binding's ${name} is not the one known`);
      text = `${parts[0]}${added}${before}${parts[1]}`;
    }
    await writeFile(join(target, name), text);
  }
  for (const name of await readdir(ADDED)) await copyFile(join(ADDED, name), join(target, name));
}
