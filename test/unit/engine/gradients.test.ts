import { beforeAll } from 'vitest';
import { startEngine } from '../../../src-main/engine/backend';
import { describeGradients } from './gradient-cases';

beforeAll(() => startEngine());

describeGradients();
