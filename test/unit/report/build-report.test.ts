import { describe, expect, it } from 'vitest';
import type { ExplanationView, RunDetail } from '../../../src-shared/contract/views';
import type { LayerExplanation } from '../../../src-shared/explanation/explanation';
import { ridgePlot } from '../../../src-shared/explanation/ridge';
import { recipeDefaults } from '../../../src-shared/recipe/recipe';
import { buildReport } from '../../../src-shared/report/build-report';
import { isComplete, partsOf } from '../../../src-shared/report/layer-parts';
import { pictureKey, picturesOf } from '../../../src-shared/report/report-model';
import { doesNotSay } from '../../../src-shared/words';

const classNames = ['cat', 'dog'];
const steps = {
  gamma: Float64Array.of(2, 1, -0.5),
  cos: Float64Array.of(0.9, 0.4, -0.2),
  norm: Float64Array.of(1, 1, 1),
  label: Int32Array.of(0, 1, 1),
};
const layer: LayerExplanation = {
  name: 'logits',
  kind: 'Dense',
  normSquared: 10,
  initializationShare: 0.7,
  ghostShare: 0.05,
  residual: 2e-7,
  errorBound: 0,
  unit: 'update',
  stored: 'gradient',
  target: 'representation',
  steps,
  timeline: [
    {
      epoch: 1,
      steps: { from: 0, to: 3 },
      learningRate: 0.1,
      gammaSum: 2.5,
      share: 0.25,
      reached: 0.95,
    },
  ],
  classes: [
    { label: 0, share: 0.2, steps: 1 },
    { label: 1, share: 0.05, steps: 2 },
  ],
  exampleSplit: 'exact',
  examples: [
    { index: 312, label: 0, gamma: 1.5 },
    { index: 7, label: 1, gamma: 0.5 },
  ],
  opposing: [{ index: 99, label: 1, gamma: -0.5 }],
};
const probabilities = [0.8, 0.2];
const explanation: ExplanationView = {
  run: 'audit',
  example: { split: 'test', index: 3, label: 1, predicted: 0, probabilities },
  layers: [layer],
  ridges: [ridgePlot('logits', steps, probabilities)],
  course: { epoch: new Int32Array(3), learningRate: Float64Array.of(0.1, 0.1, 0.1) },
};
const run: RunDetail = {
  id: 'a',
  name: 'audit',
  data: 'pets',
  model: 'mlp',
  recording: 'single',
  state: 'finished',
  steps: 3,
  stepsPlanned: 3,
  bytes: 1234,
  testAccuracy: 0.9,
  createdAt: '2026-01-02T03:04:05Z',
  recordingNow: false,
  mode: 'examples',
  recipe: { ...recipeDefaults, data: 'pets', model: 'mlp' },
  classNames,
  exampleShape: [4],
  layers: [{ name: 'logits', kind: 'Dense', rows: 5, columns: 2 }],
  examples: { train: 400, test: 100 },
  fingerprint: 'abcdef0123456789',
  versions: { deltascope: '0.1.0' },
  metrics: { step: [], loss: [], accuracy: [] },
};
const report = () =>
  buildReport({
    run,
    explanation,
    request: {
      split: 'test',
      index: 3,
      layers: null,
      target: { kind: 'representation' },
      unit: 'update',
      exampleSplit: null,
      top: 8,
      range: null,
    },
    system: { version: '0.1.0', checks: [{ name: 'Display', ok: true, detail: ':0' }] },
    createdAt: '2026-01-02T03:04:05Z',
  });

describe('partsOf', () => {
  it('closes the sum with the residual', () => {
    const parts = partsOf(layer, classNames);
    expect(parts.map(({ name }) => name)).toEqual([
      'Initialization',
      'cat',
      'dog',
      'Ghost samples',
      'Residual',
    ]);
    expect(parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  it('names no initialization where only the learned part is taken apart', () => {
    const learned = { ...layer, target: 'learned', initializationShare: 0 };
    expect(partsOf(learned, classNames)[0]?.name).toBe('cat');
  });
});

describe('isComplete', () => {
  it('holds a lossless trace to the fixed limit, a lossy one to its bound', () => {
    expect(isComplete({ residual: 9e-6, errorBound: 0 })).toBe(true);
    expect(isComplete({ residual: 2e-5, errorBound: 0 })).toBe(false);
    expect(isComplete({ residual: 9e-4, errorBound: 1e-3 })).toBe(true);
    expect(isComplete({ residual: Number.NaN, errorBound: 0 })).toBe(false);
  });
});

describe('buildReport', () => {
  it('is plain JSON and the same for the same source', () => {
    expect(JSON.parse(JSON.stringify(report()))).toEqual(report());
  });

  it('names the examples that it shows, each picture once', () => {
    const model = report();
    expect(model.layers[0]?.supporting.map(({ index }) => index)).toEqual([312, 7]);
    expect(model.layers[0]?.opposing).toMatchObject([{ index: 99, name: 'dog', share: -0.05 }]);
    expect(picturesOf(model).map(pictureKey)).toEqual([
      'test-3',
      'train-312',
      'train-7',
      'train-99',
    ]);
  });

  it('says what is so, and what it does not say', () => {
    const model = report();
    expect(model.summary[0]).toBe(
      'The network says “cat” of test example 3 with probability 80.0\u202f%. Its label is “dog”: the prediction is wrong.',
    );
    expect(model.nonClaims[0]).toBe(doesNotSay);
    expect(model.command).toContain('explain audit --example test:3 --layer all');
    expect(model.runMark).toBe('abcdef012345');
    expect(model.versions.map(({ label }) => label)).toEqual([
      'Deltascope, recording',
      'Deltascope, explanation',
    ]);
  });
});
