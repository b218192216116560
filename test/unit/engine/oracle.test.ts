import { beforeAll } from 'vitest';
import { startEngine } from '../../../src-main/engine/backend';
import { describeOracleCases } from './oracle-cases';

beforeAll(() => startEngine());

describeOracleCases([
  'single',
  'conv-ghost-stop',
  'conv-ghost-flow',
  'dense-ghost',
  'dense-ghost-momentum-decay',
  'mini-batches',
  'sgd-momentum',
  'sgd-dampening',
  'sgd-nesterov',
  'sgd-decay',
  'sgd-decay-decoupled',
  'sgd-momentum-decay',
  'sgd-nesterov-decay',
  'sgd-nesterov-decay-decoupled',
  'adam',
  'adamw',
  'sam',
  'sam-momentum-decay',
  'graph-mini-batches',
  'graph-ghost-momentum',
  'graph-adam',
]);
