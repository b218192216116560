import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, expect, it } from 'vitest';
import { nativeBackend } from '../../../src-main/engine/backend';
import { describeGradients } from './gradient-cases';
import { describeOracleCases } from './oracle-cases';

/** The engine where npm alone has to do: WebAssembly, in a process that never loads TensorFlow. */
beforeAll(async () => {
  tf.env().set('PROD', true);
  expect(await tf.setBackend('wasm')).toBe(true);
});

it('computes without TensorFlow', () => {
  expect(tf.getBackend()).toBe('wasm');
  expect(nativeBackend()).toBeNull();
});

describeOracleCases([
  'conv-ghost-flow',
  'dense-ghost',
  'mini-batches',
  'sgd-nesterov-decay-decoupled',
  'graph-ghost-momentum',
]);

describeGradients();
