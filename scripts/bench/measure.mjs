// @ts-check
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findCommand } from '../provision/run-command.mjs';
import { SetUpError, say } from '../provision/say.mjs';
import { measureExplaining } from './explaining.mjs';
import { measureFeel } from './feel/measure.mjs';

/**
 * @typedef {object} StepMeasure
 * @property {string} model
 * @property {number} batch
 * @property {string} recording
 * @property {Record<string, any>} engine what `deltascope bench record` gives
 * @property {number | null} torchMs the same step in PyTorch, null where it isn't there
 *
 * @typedef {object} Measures
 * @property {StepMeasure[]} steps
 * @property {Record<string, any>} storage what `deltascope bench storage` gives for VGG-16
 * @property {import('./explaining.mjs').ExplainMeasure[]} explain
 * @property {import('./feel/feel.mjs').Feel} feel
 */

const STEPS = [
  { model: 'lenet', batch: 128, recording: 'class-batches', steps: 40 },
  { model: 'mlp', batch: 64, recording: 'class-batches', steps: 4000 },
  { model: 'mlp', batch: 1, recording: 'single', steps: 4000 },
  { model: 'vgg16', batch: 32, recording: 'class-batches', steps: 20 },
];
/** What is stored is told by few steps: sizes are the same for all of them. */
const STORED = { model: 'vgg16', batch: 32, steps: 4 };

/**
 * @param {string} root
 * @param {import('../provision/status.mjs').ProvisionStatus} status
 * @returns {Measures}
 */
export function measureAll(root, status) {
  const begin = performance.now();
  const tell = (/** @type {string} */ what) => {
    const seconds = Math.round((performance.now() - begin) / 1000);
    const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    say(`${clock} ${what}`);
  };
  const run = (/** @type {string[]} */ args, json = true) => deltascope(root, args, json);
  const { models } = run(['models', '--json', '-']);
  const torch = findTorch();
  if (torch === undefined) say('Python with torch is not here, so nothing is set beside PyTorch');
  const steps = STEPS.map(({ model, batch, recording, steps }) => {
    tell(`measuring a step of ${model}, batch ${batch}`);
    const ask = ['bench', 'record', '--model', model, '--batch', String(batch)];
    const engine = run([...ask, '--recording', recording, '--steps', String(steps), '--json', '-']);
    const { layers, shape } = models.find(
      (/** @type {{ name: string }} */ { name }) => name === model,
    );
    const torchMs = torch === undefined ? null : torchStep(torch, { layers, shape, batch, steps });
    return { model, batch, recording, engine, torchMs };
  });
  tell(`measuring what is stored of ${STORED.model}, and how far γ is from that of fp32`);
  const stored = ['--model', STORED.model, '--batch', String(STORED.batch)];
  const storage = run([
    ...['bench', 'storage', ...stored],
    ...['--steps', String(STORED.steps), '--json', '-'],
  ]);
  const folder = mkdtempSync(join(tmpdir(), 'deltascope-bench-'));
  try {
    const { explain, runs } = measureExplaining(folder, run, tell);
    const record = (/** @type {string} */ recipe, /** @type {string} */ into) =>
      run(['record', recipe, '--into', into], false);
    const feel = measureFeel(root, status, folder, runs.lenet ?? '', record, tell);
    tell('done');
    return { steps, storage, explain, feel };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} root @param {string[]} args @param {boolean} json @returns {any} */
function deltascope(root, args, json) {
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
