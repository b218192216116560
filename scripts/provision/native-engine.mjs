// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { patchBinding, patchName } from './binding-patch.mjs';
import { cacheRoot, publish } from './cache.mjs';
import { addonHeaders, compile, hasCompiler } from './compiler.mjs';
import { CUDA_LIBRARIES } from './pins.mjs';
import { runCommand } from './run-command.mjs';
import { reason, SetUpError, say } from './say.mjs';
import { unzip } from './unzip.mjs';
import { chooseEngine, downloadWheels, hasNvidiaGpu } from './wheels.mjs';

/** @typedef {import('./status.mjs').EngineStatus} EngineStatus */

const PACKAGE = 'node_modules/@tensorflow/tfjs-node-gpu';
const BINDING = 'tfjs_binding.node';
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const HEADERS = ['tensorflow/c/', 'tensorflow/core/platform/', 'tsl/', 'xla/tsl/'];

/**
 * Builds the native TensorFlow backend and puts it into the checkout, or says why the WASM backend
 * has to serve.
 *
 * @param {string} root the checkout
 * @returns {Promise<EngineStatus>}
 */
export async function provideEngine(root) {
  const { platform, arch } = process;
  const choice = chooseEngine({ platform, arch, gpu: hasNvidiaGpu() });
  try {
    if (choice === undefined) {
      throw new SetUpError(`no TensorFlow library is pinned for ${platform} on ${arch}`);
    }
    const folder = join(cacheRoot(), 'engine', engineName(root, choice));
    await publish(folder, (scratch) => buildEngine(root, choice, scratch));
    await installEngine(root, folder);
    return { kind: choice.kind, version: choice.wheel.version, path: folder, why: null };
  } catch (error) {
    say(`the native engine can't be set up (${reason(error)}); the slower WASM backend serves`);
    return { kind: 'wasm', version: null, path: null, why: reason(error) };
  }
}

/** @param {string} root @param {import('./wheels.mjs').EngineChoice} choice */
function engineName(root, choice) {
  const { version } = JSON.parse(readFileSync(join(root, PACKAGE, 'package.json'), 'utf8'));
  return `${choice.wheel.name}-${choice.wheel.version}-${choice.wheel.sha256.slice(0, 8)}-binding-${version}-${patchName()}`;
}

/**
 * @param {string} root
 * @param {import('./wheels.mjs').EngineChoice} choice
 * @param {string} scratch
 */
async function buildEngine(root, choice, scratch) {
  if (!hasCompiler()) throw new SetUpError('there is no C++ compiler (g++)');
  const cuda = choice.kind === 'native-cuda';
  say(`fetching TensorFlow ${choice.wheel.version} (${cuda ? '2.2 GB with CUDA' : '230 MB'})`);
  const downloads = join(scratch, 'download');
  const wheels = [choice.wheel, ...(cuda ? CUDA_LIBRARIES : [])];
  const [tensorflow, ...nvidia] = await downloadWheels(wheels, downloads);
  if (tensorflow === undefined) throw new SetUpError('pip gave no TensorFlow');

  const lib = join(scratch, 'lib');
  const include = join(scratch, 'include');
  await unzip(tensorflow, (name) => libraryPlace(name) ?? headerPlace(name), scratch);
  for (const library of LIBRARIES) {
    if (!existsSync(join(lib, library))) throw new SetUpError(`the wheel has no ${library}`);
  }
  for (const wheel of nvidia) await unzip(wheel, cudaPlace, scratch);
  if (cuda) await linkCudaLibraries(scratch);
  await linkPlainNames(lib);

  say('compiling the binding to TensorFlow');
  await compileBinding(root, scratch);
  await rm(downloads, { recursive: true });
  await rm(join(scratch, 'binding'), { recursive: true, force: true });
  await rm(include, { recursive: true });
}

/**
 * Compiles the binding with what is added to it (`binding-patch.mjs`), or else as the package has it:
 * training and recording only take longer then.
 *
 * @param {string} root @param {string} scratch
 */
async function compileBinding(root, scratch) {
  const source = join(root, PACKAGE, 'binding');
  const patched = join(scratch, 'binding');
  await mkdir(patched);
  try {
    await patchBinding(source, patched);
    await compileSources(root, scratch, patched);
  } catch (error) {
    say(`the binding stays as the package has it (${reason(error)}); training is a little slower`);
    await compileSources(root, scratch, source);
  }
}

/** @param {string} root @param {string} scratch @param {string} source */
async function compileSources(root, scratch, source) {
  const sources = (await readdir(source)).filter((name) => name.endsWith('.cc'));
  const searched = [addonHeaders(root).nodeApi, join(scratch, 'include'), join(root, PACKAGE)];
  // Fused multiply-adds would round differently from the same numbers in plain JavaScript.
  await compile(
    ['-shared', '-std=c++17', '-ffp-contract=off', '-DNAPI_VERSION=8']
      .concat('-DNODE_GYP_MODULE_NAME=tfjs_binding')
      .concat(searched.map((folder) => `-I${folder}`))
      .concat(sources.map((name) => join(source, name)))
      .concat(`-L${join(scratch, 'lib')}`, '-ltensorflow', '-ltensorflow_framework')
      .concat('-Wl,-rpath,$ORIGIN/../../deps/lib', '-o', join(scratch, BINDING)),
    { language: 'c++', cwd: scratch },
  );
}

/** @param {string} name @returns {string | undefined} */
function libraryPlace(name) {
  const file = basename(name);
  return name === `tensorflow/${file}` && LIBRARIES.includes(file) ? `lib/${file}` : undefined;
}

/** @param {string} name @returns {string | undefined} */
function headerPlace(name) {
  const inner = name.slice('tensorflow/include/'.length);
  if (!name.startsWith('tensorflow/include/')) return undefined;
  return HEADERS.some((folder) => inner.startsWith(folder)) ? `include/${inner}` : undefined;
}

// The libraries find each other by the folders that they have among Python's packages.
/** @param {string} name @returns {string | undefined} */
function cudaPlace(name) {
  return /^nvidia\/[^/]+\/lib\/[^/]+\.so[.\d]*$/.test(name) ? name : undefined;
}

// TensorFlow's list of those folders is not complete, but it looks beside itself as well.
/** @param {string} scratch */
async function linkCudaLibraries(scratch) {
  for (const part of await readdir(join(scratch, 'nvidia'))) {
    for (const name of await readdir(join(scratch, 'nvidia', part, 'lib'))) {
      await symlink(`../nvidia/${part}/lib/${name}`, join(scratch, 'lib', name));
    }
  }
}

// The linker asks for names without a version.
/** @param {string} lib */
async function linkPlainNames(lib) {
  await symlink('libtensorflow_cc.so.2', join(lib, 'libtensorflow.so'));
  await symlink('libtensorflow_framework.so.2', join(lib, 'libtensorflow_framework.so'));
}

/** @param {string} root @param {string} folder */
async function installEngine(root, folder) {
  const target = join(root, PACKAGE, 'lib/napi-v8');
  await mkdir(target, { recursive: true });
  await mkdir(join(root, PACKAGE, 'deps'), { recursive: true });
  const scratch = join(target, `${BINDING}.${process.pid}.part`);
  await copyFile(join(folder, BINDING), scratch);
  await rename(scratch, join(target, BINDING));
  const link = join(root, PACKAGE, 'deps/lib');
  const newLink = `${link}.${process.pid}.part`;
  await rm(newLink, { force: true });
  await symlink(join(folder, 'lib'), newLink);
  await rename(newLink, link);
  await runCommand(
    process.execPath,
    ['-e', "require('@tensorflow/tfjs-node-gpu').ones([2]).dataSync()"],
    { cwd: root, env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' } },
  );
}
