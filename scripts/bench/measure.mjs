// @ts-check
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findCommand } from '../provision/run-command.mjs';
import { SetUpError, say } from '../provision/say.mjs';
import { measureFeel } from './feel/measure.mjs';

/**
 * @typedef {object} StepMeasure
 * @property {string} model
 * @property {number} batch
 * @property {Record<string, any>} engine what `deltascope bench record` gives
 * @property {number | null} torchMs the same step in PyTorch, null where it isn't there
 *
 * @typedef {object} Measures
 * @property {StepMeasure[]} steps
 * @property {Record<string, any>} storage what `deltascope bench storage` gives for VGG-16
 * @property {import('./feel/feel.mjs').Feel} feel
 * @property {Record<string, any>[]} explain what `deltascope bench explain` gives, one for each number of queries
 */

const MODELS = [
  { model: 'lenet', batch: 128, steps: 40 },
  { model: 'mlp', batch: 64, steps: 4000 },
  { model: 'vgg16', batch: 32, steps: 20 },
];
const QUERIES = [1, 16];

/**
 * @param {string} root
 * @param {import('../provision/status.mjs').ProvisionStatus} status
 * @returns {Measures}
 */
export function measureAll(root, status) {
  const { models } = deltascope(root, ['models', '--json', '-']);
  const torch = findTorch();
  if (torch === undefined) say('Python with torch is not here, so nothing is set beside PyTorch');
  const steps = MODELS.map(({ model, batch, steps }) => {
    say(`measuring a step of ${model}`);
    const ask = ['bench', 'record', '--model', model, '--batch', String(batch)];
    const engine = deltascope(root, [...ask, '--steps', String(steps), '--json', '-']);
    const { layers, shape } = models.find(
      (/** @type {{ name: string }} */ { name }) => name === model,
    );
    const torchMs = torch === undefined ? null : torchStep(torch, { layers, shape, batch, steps });
    return { model, batch, engine, torchMs };
  });
  say('measuring what is stored of vgg16');
  const ask = [
    'bench',
    'storage',
    '--model',
    'vgg16',
    '--batch',
    '32',
    '--steps',
    '8',
    '--json',
    '-',
  ];
  const storage = deltascope(root, ask);
  const folder = mkdtempSync(join(tmpdir(), 'deltascope-bench-'));
  /** @param {string} recipe @param {string} into */
  const record = (recipe, into) => deltascope(root, ['record', recipe, '--into', into], false);
  try {
    const run = recordRun(folder, record);
    const explain = measureExplaining(root, run);
    return { steps, storage, explain, feel: measureFeel(root, status, folder, run, record) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} folder
 * @param {(recipe: string, into: string) => void} record
 * @returns {string} the run that is explained, and opened in the window
 */
function recordRun(folder, record) {
  const recipe = join(folder, 'recipe.json');
  const limit = { train: 4000, test: 500 };
  writeFileSync(
    recipe,
    JSON.stringify({
      data: 'mnist',
      model: 'lenet',
      limit,
      epochs: 10,
      maxSteps: 288,
      codec: 'fast',
    }),
  );
  say('recording a run to explain');
  const run = join(folder, 'run');
  record(recipe, run);
  return run;
}

/** @param {string} root @param {string} run */
function measureExplaining(root, run) {
  return QUERIES.map((queries) => {
    say(`measuring ${queries === 1 ? 'one explanation' : `${queries} explanations at once`}`);
    const ask = ['bench', 'explain', run, '--queries', String(queries), '--json', '-'];
    return { queries, ...deltascope(root, ask) };
  });
}

/** @param {string} root @param {string[]} args @param {boolean} [json] @returns {any} */
function deltascope(root, args, json = true) {
  const result = spawnSync(process.execPath, [join(root, 'out/cli/main.mjs'), ...args], {
    encoding: 'utf8',
    env: { TF_CPP_MIN_LOG_LEVEL: '2', ...process.env },
    maxBuffer: 1 << 26,
  });
  if (result.status !== 0) {
    throw new SetUpError(`deltascope ${args.slice(0, 2).join(' ')} failed`, result.stderr);
  }
  return json ? JSON.parse(result.stdout) : result.stdout;
}

/** @returns {string | undefined} a Python that has torch */
function findTorch() {
  const python = process.env.DELTASCOPE_PYTHON ?? findCommand('python3');
  if (python === undefined) return undefined;
  return spawnSync(python, ['-c', 'import torch']).status === 0 ? python : undefined;
}

/** @param {string} python @param {{ layers: unknown, shape: number[], batch: number, steps: number }} ask @returns {number} */
function torchStep(python, ask) {
  const script = join(dirname(fileURLToPath(import.meta.url)), 'torch_step.py');
  const input = JSON.stringify({ ...ask, threads: availableParallelism() });
  const result = spawnSync(python, [script], { input, encoding: 'utf8' });
  if (result.status !== 0) throw new SetUpError('the step in PyTorch failed', result.stderr);
  return JSON.parse(result.stdout).stepMs;
}
