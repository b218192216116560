// @ts-check
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeNpz } from './npz.mjs';

/**
 * @typedef {object} ExplainMeasure
 * @property {string} model
 * @property {number} steps
 * @property {Record<string, any>} result what `deltascope bench explain` gives
 *
 * @typedef {(args: string[], json?: boolean) => any} Deltascope
 */

/** Runs that are explained, all in `fast`; the window opens that of LeNet. */
const RUNS = [
  { model: 'mlp', maxSteps: 400, batchSize: 64 },
  { model: 'lenet', maxSteps: 288, batchSize: 128 },
  { model: 'vgg16', maxSteps: 80, batchSize: 32 },
];
/** Asked together, to tell what one more costs. */
const QUERIES = 16;
/** Of CIFAR-10's size, for the model that is meant for colour: how many bytes there are counts. */
const PICTURES = { train: 2000, test: 200, side: 32, classes: 10 };

/**
 * Records a run of each model and explains it.
 *
 * @param {string} folder
 * @param {Deltascope} deltascope
 * @param {(what: string) => void} tell
 * @returns {{ explain: ExplainMeasure[], runs: Record<string, string> }}
 */
export function measureExplaining(folder, deltascope, tell) {
  const pictures = join(folder, 'pictures.npz');
  writePictures(pictures);
  /** @type {Record<string, string>} */
  const runs = {};
  const explain = RUNS.map(({ model, maxSteps, batchSize }) => {
    const data =
      model === 'vgg16' ? { data: pictures } : { data: 'mnist', limit: { train: 4000, test: 500 } };
    const recipe = join(folder, `${model}.json`);
    const training = { model, maxSteps, batchSize, epochs: 20, codec: 'fast' };
    writeFileSync(recipe, JSON.stringify({ ...data, ...training }));
    const run = join(folder, model);
    tell(`recording ${maxSteps} steps of ${model} to explain`);
    deltascope(['record', recipe, '--into', run], false);
    tell(`explaining ${model}: one example, one layer's cos, ${QUERIES} examples`);
    const ask = ['bench', 'explain', run, '--queries', String(QUERIES), '--json', '-'];
    runs[model] = run;
    return { model, steps: maxSteps, result: deltascope(ask) };
  });
  return { explain, runs };
}

/** @param {string} file noise in colour over a shade of its class */
function writePictures(file) {
  const { train, test, side, classes } = PICTURES;
  const size = side * side * 3;
  let state = 7;
  const split = (/** @type {number} */ count) => {
    const values = new Uint8Array(count * size);
    for (let i = 0; i < values.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      values[i] = 10 * (Math.floor(i / size) % classes) + (state >>> 25);
    }
    const labels = Uint8Array.from({ length: count }, (_, index) => index % classes);
    return {
      x: { shape: [count, side, side, 3], values },
      y: { shape: [count], values: labels },
    };
  };
  const [of, other] = [split(train), split(test)];
  writeNpz(file, { x_train: of.x, y_train: of.y, x_test: other.x, y_test: other.y });
}
