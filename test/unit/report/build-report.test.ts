import { describe, expect, it } from 'vitest';
import type { ExplanationView, RunDetail } from '../../../src-shared/contract/views';
import type { LayerExplanation } from '../../../src-shared/explanation/explanation';
import { ridgePlot } from '../../../src-shared/explanation/ridge';
import { recipeDefaults } from '../../../src-shared/recipe/recipe';
import { buildReport, withStatement } from '../../../src-shared/report/build-report';
import {
  isComplete,
  listedClasses,
  partsOf,
  shortParts,
} from '../../../src-shared/report/layer-parts';
import { pictureKey, picturesOf } from '../../../src-shared/report/report-model';
import { explanationOf } from '../../../src-shared/report/report-request';
import { numberedSections, type SectionId } from '../../../src-shared/report/report-sections';
import type { ReportSource } from '../../../src-shared/report/report-source';
import {
  emptyStatement,
  type ReportStatement,
  readStatement,
} from '../../../src-shared/report/statement';

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
  frozen: false,
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
  layers: [{ name: 'logits', kind: 'Dense', frozen: false, rows: 5, columns: 2 }],
  examples: { train: 400, test: 100 },
  fingerprint: 'abcdef0123456789',
  versions: { deltascope: '0.1.0' },
  engine: { backend: 'tensorflow', threads: 2 },
  resumed: [],
  metrics: { step: [], loss: [], accuracy: [] },
};
const signed: ReportStatement = {
  ...emptyStatement,
  questions: 'Does it tell cats from dogs by the collar?',
  criteria: 'No class share above 90 %.',
  roles: 'Auditor: A. Turing.',
  findings: ['The dog is taken for a cat.'],
  conclusions: 'More dogs are needed.',
  signOff: [{ name: 'A. Turing', role: 'auditor', date: '2026-01-31' }],
};
const source: ReportSource = {
  run,
  request: explanationOf([{ split: 'test', index: 3 }]),
  statement: emptyStatement,
  hashes: {
    run: 'abcdef0123456789'.repeat(4),
    model: '1'.repeat(64),
    trace: '2'.repeat(64),
    files: 5,
  },
  reportId: 'DS-0000-0001',
  system: { version: '0.1.0', checks: [{ name: 'Display', ok: true, detail: ':0' }] },
  cases: [
    {
      request: { split: 'test', index: 3, over: null, note: '' },
      explanation,
      margin: { over: [0, 1], view: explanation },
    },
  ],
  certificates: null,
  architecture: null,
  scorecard: null,
};
const report = () => buildReport(source);

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
    expect(model.cases[0]?.layers[0]?.supporting.map(({ index }) => index)).toEqual([312, 7]);
    expect(model.cases[0]?.layers[0]?.opposing).toMatchObject([
      { index: 99, name: 'dog', share: -0.05 },
    ]);
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
      'The network says “cat” of test example 3 with probability 80.0\u00a0%. Its label is “dog”: the prediction is wrong.',
    );
    expect(model.commands.map(({ command }) => command)).toEqual([
      'npm run --silent deltascope -- explain audit --example test:3 --layer all --target representation --unit update --top 8 --json -',
      'npm run --silent deltascope -- explain audit --example test:3 --layer logits --target margin:0:1 --unit update --top 8 --json -',
      'npm run --silent deltascope -- report audit --example test:3 --target representation --unit update --pdf report.pdf',
    ]);
    expect(model.runMark).toBe('abcdef012345');
    expect(model.versions).toEqual([
      { label: 'Deltascope, recording', value: '0.1.0' },
      { label: 'Engine backend, recording', value: 'tensorflow' },
      { label: 'Engine threads, recording', value: '2' },
      { label: 'Seed of the training', value: String(run.recipe.seed) },
      { label: 'Deltascope, explanation', value: '0.1.0' },
    ]);
  });

  it('is a draft until every word is written, and final then', () => {
    expect(report().missing).toEqual([
      'the questions of the audit',
      'the criteria that it decides by',
      'the roles of those who take part',
      'findings',
      'conclusions',
      'a sign-off with name, role and date',
    ]);
    expect(buildReport({ ...source, statement: signed }).missing).toEqual([]);
    const unnamed = { ...signed, signOff: [{ name: '', role: 'auditor', date: '2026-01-31' }] };
    expect(withStatement(report(), unnamed, []).missing).toEqual([
      'a sign-off with name, role and date',
    ]);
  });

  it('asks for a word on a check that failed', () => {
    const lost = { ...layer, residual: 0.3 };
    const [first] = source.cases;
    if (!first) throw new Error('there is a case');
    const cases = [{ ...first, explanation: { ...explanation, layers: [lost] } }];
    const failed = buildReport({ ...source, cases, statement: signed });
    expect(failed.checks.filter(({ ok }) => !ok)).toEqual([
      { name: 'Certificate of logits: residual', found: '0.3', limit: '1e−5', ok: false },
    ]);
    expect(failed.missing).toEqual(['a word on the checks that failed, under deviations']);
    expect(withStatement(failed, { ...signed, deviations: 'Known.' }, []).missing).toEqual([]);
  });

  it('says of which layers nothing is said, as they were not recorded', () => {
    const [logits] = run.layers;
    if (!logits) throw new Error('there is a layer');
    const limits = (layers: RunDetail['layers']) =>
      buildReport({ ...source, run: { ...run, layers } }).limits.filter((limit) =>
        limit.includes('no update was recorded'),
      );
    expect(limits(run.layers)).toEqual([]);
    expect(limits([{ ...logits, name: 'fc1', unrecorded: true }, logits])).toEqual([
      'Of fc1 no update was recorded: nothing is said of it.',
    ]);
    expect(limits([logits, { ...logits, name: 'out', unrecorded: true }])).toEqual([
      'Of out no update was recorded: nothing is said of it, and no scores of two classes are compared.',
    ]);
  });

  it('lists a hundred classes as a few and the rest', () => {
    const classes = Array.from({ length: 100 }, (_, label) => ({
      ...{ kind: 'class' as const, label, name: `class ${label}` },
      ...{ share: label === 7 ? 0.5 : 0.001 * (label % 3), steps: 1 },
    }));
    const short = shortParts(classes, [98]);
    expect(short).toHaveLength(listedClasses - 1);
    expect(short.map(({ label }) => label)).toContain(7);
    expect(short.map(({ label }) => label)).toContain(98);
    expect(short.at(-1)?.name).toBe('90 other classes');
    const sum = (parts: readonly { share: number }[]) =>
      parts.reduce((total, { share }) => total + share, 0);
    expect(sum(short)).toBeCloseTo(sum(classes), 12);
  });
});

describe('numberedSections', () => {
  const numbers = (order: readonly SectionId[], leftOut: readonly SectionId[]) =>
    numberedSections('explanation', 'examples', order, leftOut).map(
      ({ id, number }) => `${number} ${id}`,
    );

  it('has the numbers of the outline', () => {
    expect(numbers([], ['scorecard'])).toEqual([
      ...['2 summary', '3 questions', '4 identity', '5 method', '6 cases', '7 margins'],
      ...['8 architecture', '9 limits', '10 conclusions'],
      ...['A reproduction', 'B tables', 'C glossary', 'D map'],
    ]);
  });

  it('counts what is left, in its new order, and keeps what no report goes without', () => {
    const left: SectionId[] = [
      'glossary',
      'scorecard',
      'map',
      'method',
      'architecture',
      'questions',
    ];
    expect(numbers(['limits', 'cases'], left)).toEqual([
      ...['2 limits', '3 cases', '4 summary', '5 identity', '6 method', '7 margins'],
      ...['8 conclusions', 'A reproduction', 'B tables'],
    ]);
  });
});

describe('readStatement', () => {
  it('fills in what is absent', () => {
    expect(readStatement({ questions: 'Why?' }, 'a.json')).toEqual({
      ...emptyStatement,
      questions: 'Why?',
    });
  });

  it.each([
    [{ finding: [] }, "a.json: unknown field 'finding'; did you mean 'findings'?"],
    [{ signOff: [{ name: 'A' }] }, "a.json: the field 'signOff[0].role' is missing."],
    [{ order: ['coda'] }, /order\[0\] is "coda"; it must be one of 'summary'/],
  ])('refuses %j', (input, sentence) => {
    expect(() => readStatement(input, 'a.json')).toThrow(sentence);
  });
});
