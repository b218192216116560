import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SQLITE_EXERCISE } from '../../../scripts/provision/sqlite.mjs';
import { electronPath } from '../../setup/electron';

const run = promisify(execFile);

const ENGINE_EXERCISE = `
  const { Worker } = require('node:worker_threads');
  const script = \`
    const tf = require('@tensorflow/tfjs-node-gpu');
    const product = tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).arraySync();
    require('node:worker_threads').parentPort.postMessage([tf.getBackend(), product]);
  \`;
  new Worker(script, { eval: true }).on('message', (found) => console.log(JSON.stringify(found)));
`;

/** The native parts are compiled once and loaded by two runtimes, which differ in what they forgive. */
describe.each([
  ['Node', () => process.execPath],
  ['Electron', electronPath],
])('native parts in %s', (_name, path) => {
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1', TF_CPP_MIN_LOG_LEVEL: '2' };

  it("lets SQLite's objects be collected", async () => {
    await run(path(), ['--expose-gc', '-e', SQLITE_EXERCISE], { env });
  });

  it('computes in a worker thread', async () => {
    const { stdout } = await run(path(), ['-e', ENGINE_EXERCISE], { env });
    const found: unknown = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    expect(found).toEqual([
      'tensorflow',
      [
        [3, 3],
        [3, 3],
      ],
    ]);
  });
});
