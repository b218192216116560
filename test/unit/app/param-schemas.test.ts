import { describe, expect, it } from 'vitest';
import {
  appSchemas,
  checkParams as check,
  isRequestMessage,
} from '../../../src-main/app/param-schemas';
import { emptyDraft } from '../../../src-shared/report/report-draft';
import { explanationOf } from '../../../src-shared/report/report-request';
import { emptyStatement } from '../../../src-shared/report/statement';

const checkParams = (method: string, params: unknown) => check(appSchemas, method, params);
const run = '0123456789abcdef';
const request = {
  split: 'test',
  index: 3,
  layers: null,
  target: { kind: 'margin', over: [3, 5] },
  unit: 'update',
  exampleSplit: null,
  top: 8,
  range: { from: 0, to: 40 },
};

const reported = {
  run,
  request: explanationOf([{ split: 'test', index: 3 }]),
  statement: emptyStatement,
  other: null,
};
const draft = { ...emptyDraft, cases: reported.request.cases };
const all = { split: 'test', filter: 'all', label: null, predicted: null };
const question = { run, request, picture: null, layer: null };

describe('checkParams', () => {
  it('lets through what was agreed', () => {
    expect(() => checkParams('runs.list', {})).not.toThrow();
    expect(() => checkParams('report.preview', reported)).not.toThrow();
    expect(() => checkParams('report.saveDraft', { run, draft })).not.toThrow();
    expect(() => checkParams('explain.example', question)).not.toThrow();
    const recipe = { data: 'mnist', model: 'lenet', epochs: 3 };
    expect(() => checkParams('record.start', { recipe, name: 'a' })).not.toThrow();
  });

  it.each([
    ['runs.list', { run }],
    ['runs.describe', { run: '../../etc' }],
    ['runs.describe', { run: `${run}0` }],
    ['explain.example', { ...question, request: { ...request, index: -1 } }],
    ['explain.example', { ...question, request: { ...request, index: 0.5 } }],
    ['explain.example', { ...question, request: { ...request, target: { kind: 'margin' } } }],
    ['explain.example', { ...question, picture: '/etc/passwd' }],
    ['explain.detail', question],
    ['figure.save', { name: 'a', kind: 'exe', content: '' }],
    ['examples.page', { run, ...all, offset: 0, count: 1e9 }],
    ['record.start', { recipe: { model: 'lenet' }, name: 'a' }],
    ['architecture.analyse', { run, examples: 0 }],
    ['architecture.retrain', { run, layers: 'fc1' }],
    ['architecture.compare', { run, other: '../run', examples: 50, seeds: 1 }],
    ['architecture.compare', { run, other: run, examples: 50, seeds: 1e6 }],
    ['data.rename', { name: 'a' }],
    ['settings.change', { theme: 'neon' }],
    ['report.preview', { ...question, other: '../run' }],
    ['report.export', { ...question, request: { ...question.request, kind: 'poem' } }],
    ['report.saveDraft', { run, draft: { ...draft, statement: { findings: 'none' } } }],
    ['no.such.method', {}],
    ['__proto__', {}],
  ])('refuses %s with %j', (method, params) => {
    expect(() => checkParams(method, params)).toThrow(/asked wrongly/);
  });
});

describe('isRequestMessage', () => {
  it('knows calls and cancellations', () => {
    expect(isRequestMessage({ type: 'call', id: 1, method: 'runs.list', params: {} })).toBe(true);
    expect(isRequestMessage({ type: 'cancel', id: 1 })).toBe(true);
  });

  it.each([null, 'call', { type: 'call', id: 'x' }, { type: 'eval', id: 1 }, { type: 'cancel' }])(
    'refuses %j',
    (message) => {
      expect(isRequestMessage(message)).toBe(false);
    },
  );
});
