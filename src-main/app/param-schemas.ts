import * as v from 'valibot';
import { mostSeeds } from '../../src-shared/architecture/seed-spread';
import { type CommandId, commands } from '../../src-shared/commands';
import type { AppMethods } from '../../src-shared/contract/app';
import { mostSide } from '../../src-shared/contract/imports';
import type { RestrictedMethods } from '../../src-shared/contract/restricted';
import { exampleFilters } from '../../src-shared/contract/views';
import { DeltascopeError } from '../../src-shared/errors';
import { preferenceChanges } from '../../src-shared/preferences';
import { outputKinds } from '../../src-shared/privacy/release';
import { mostCases } from '../../src-shared/report/report-request';
import { reportKinds } from '../../src-shared/report/report-sections';
import { longestText, statementSchema } from '../../src-shared/report/statement';

export type ParamSchemas<Methods> = { readonly [Name in keyof Methods]: v.GenericSchema };

const none = v.strictObject({});
const text = (length: number) => v.pipe(v.string(), v.maxLength(length));
const runId = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/));
const run = v.strictObject({ run: runId });
const index = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const split = v.picklist(['train', 'test']);
const name = text(200);

/** Fields are checked where they are understood: by `recipe.complete` in the worker. */
const recipe = v.looseObject({
  data: text(4096),
  model: v.union([text(200), v.looseObject({ layers: v.array(v.looseObject({})) })]),
});

const target = v.variant('kind', [
  v.strictObject({ kind: v.literal('representation') }),
  v.strictObject({ kind: v.literal('learned') }),
  v.strictObject({ kind: v.literal('margin'), over: v.strictTuple([index, index]) }),
]);

const command = v.picklist(commands.map(({ id }): CommandId => id));

const layerNames = v.pipe(v.array(name), v.maxLength(1000));
const sampleSize = v.pipe(index, v.minValue(1), v.maxValue(10_000));

const references = v.pipe(v.array(v.strictObject({ split, index })), v.maxLength(1000));

const request = v.strictObject({
  split,
  index,
  layers: v.nullable(layerNames),
  target,
  unit: v.picklist(['update', 'credit']),
  exampleSplit: v.nullable(v.picklist(['equal', 'exact'])),
  top: v.pipe(index, v.maxValue(10_000)),
  range: v.nullable(v.strictObject({ from: index, to: index })),
});

const person = text(200);
const reason = text(4000);
const threshold = v.pipe(index, v.minValue(1), v.maxValue(1_000_000));

const releaseSettings = v.strictObject({
  atLeast: threshold,
  epsilon: v.nullable(v.pipe(v.number(), v.finite(), v.gtValue(0))),
  examples: v.nullable(sampleSize),
});
const picture = v.nullable(runId);
const question = { request, picture };
const filter = {
  split,
  filter: v.picklist(exampleFilters),
  label: v.nullable(index),
  predicted: v.nullable(index),
};

const reportMode = v.picklist(['examples', 'aggregates']);
const reportCases = v.pipe(
  v.array(
    v.strictObject({
      split,
      index,
      over: v.nullable(v.strictTuple([index, index])),
      note: text(longestText),
    }),
  ),
  v.maxLength(mostCases),
);

const reportQuestion = v.strictObject({
  run: runId,
  request: v.strictObject({
    kind: v.picklist(reportKinds),
    mode: reportMode,
    cases: reportCases,
    target,
    unit: v.picklist(['update', 'credit']),
    sample: v.nullable(sampleSize),
  }),
  statement: statementSchema,
  other: v.nullable(runId),
});

const side = v.pipe(index, v.minValue(1), v.maxValue(mostSide));
const importOptions = v.strictObject({
  testFraction: v.nullable(v.pipe(v.number(), v.gtValue(0), v.ltValue(1))),
  size: v.nullable(v.strictTuple([side, side])),
});

/** The shape of every method's parameters; what does not fit is refused before any work. */
export const appSchemas: ParamSchemas<AppMethods> = {
  'system.describe': none,
  'runs.list': none,
  'runs.open': none,
  'runs.describe': run,
  'runs.forget': run,
  'runs.opened': run,
  'runs.removed': none,
  'runs.restore': run,
  'runs.note': v.strictObject({ run: runId, note: reason }),
  'runs.lock': v.strictObject({ run: runId, locked: v.boolean() }),
  'runs.locate': run,
  'runs.verify': run,
  'drop.take': v.strictObject({ source: runId }),
  'data.list': none,
  'data.rename': v.strictObject({ name, to: name }),
  'data.remove': v.strictObject({ name }),
  'import.kinds': none,
  'import.choose': v.strictObject({ kind: name }),
  'import.read': v.strictObject({ kind: name, source: runId, options: importOptions }),
  'import.keep': v.strictObject({ id: runId, name }),
  'import.drop': v.strictObject({ id: runId }),
  'models.list': v.strictObject({
    shape: v.pipe(v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(-1))), v.maxLength(4)),
    classes: v.pipe(index, v.maxValue(1_000_000)),
  }),
  'recipe.open': none,
  'recipe.save': v.strictObject({ recipe, name }),
  'record.estimate': v.strictObject({ recipe }),
  'record.start': v.strictObject({ recipe, name }),
  'record.follow': run,
  'record.continue': run,
  'record.move': run,
  'record.pause': run,
  'record.resume': run,
  'record.stop': run,
  'examples.page': v.strictObject({
    run: runId,
    ...filter,
    offset: index,
    count: v.pipe(index, v.maxValue(1000)),
  }),
  'examples.cells': v.strictObject({ run: runId, examples: references }),
  'examples.origins': v.strictObject({ run: runId, examples: references }),
  'examples.place': v.strictObject({ run: runId, ...filter, index }),
  'picture.choose': none,
  'explain.example': v.strictObject({ run: runId, ...question, layer: v.nullable(name) }),
  'explain.detail': v.strictObject({ run: runId, ...question, layer: name }),
  'explain.steps': v.strictObject({ run: runId, ...question, layer: name, trained: index }),
  'explain.compare': v.strictObject({
    run: runId,
    layer: name,
    questions: v.strictTuple([v.strictObject(question), v.strictObject(question)]),
  }),
  'explain.save': v.strictObject({
    run: runId,
    ...question,
    layer: name,
    name,
    head: text(4000),
  }),
  'architecture.analyse': v.strictObject({ run: runId, examples: sampleSize }),
  'architecture.retrain': v.strictObject({ run: runId, layers: layerNames }),
  'architecture.compare': v.strictObject({
    run: runId,
    other: runId,
    examples: sampleSize,
    seeds: v.pipe(index, v.minValue(1), v.maxValue(mostSeeds)),
  }),
  'report.preview': reportQuestion,
  'report.export': reportQuestion,
  'report.draft': run,
  'report.saveDraft': v.strictObject({
    run: runId,
    draft: v.strictObject({
      kind: v.picklist(reportKinds),
      mode: reportMode,
      cases: reportCases,
      withArchitecture: v.boolean(),
      statement: statementSchema,
    }),
  }),
  'release.state': run,
  'release.check': v.strictObject({ run: runId, settings: releaseSettings }),
  'release.decide': v.strictObject({
    run: runId,
    output: v.picklist(outputKinds),
    approved: v.nullable(v.boolean()),
    reason,
  }),
  'release.freeze': v.strictObject({
    run: runId,
    author: person,
    checker: person,
    comment: reason,
  }),
  'release.save': run,
  'release.log': run,
  'release.policy': v.strictObject({
    run: runId,
    mode: v.picklist(['examples', 'aggregates']),
    atLeast: threshold,
    by: person,
    reason,
  }),
  'release.open': v.strictObject({ run: v.nullable(runId) }),
  'figure.save': v.strictObject({
    name,
    kind: v.picklist(['svg', 'png', 'csv']),
    content: v.union([
      text(256e6),
      v.pipe(
        v.instance(Uint8Array),
        v.check(({ length }) => length <= 256e6),
      ),
    ]),
  }),
  'settings.read': none,
  'settings.change': preferenceChanges,
  'settings.choose-runs-folder': none,
  'settings.storage': none,
  'system.pulse': none,
  'memory.keep': v.strictObject({ name: text(64), value: v.unknown() }),
  'menu.refuse': v.strictObject({
    commands: v.pipe(v.array(command), v.maxLength(commands.length)),
  }),
  'window.view': v.strictObject({
    change: v.picklist(['zoom-in', 'zoom-out', 'zoom-reset', 'full-screen']),
  }),
  'clipboard.write': v.strictObject({ text: text(64e6) }),
  'log.read': none,
};

/** The same for a window in the mode `aggregates`. */
export const restrictedSchemas: ParamSchemas<RestrictedMethods> = {
  'release.read': none,
  'system.describe': appSchemas['system.describe'],
  'figure.save': appSchemas['figure.save'],
  'settings.read': appSchemas['settings.read'],
  'settings.change': appSchemas['settings.change'],
  'window.view': appSchemas['window.view'],
  'clipboard.write': appSchemas['clipboard.write'],
};

const requestMessage = v.variant('type', [
  v.strictObject({
    type: v.literal('call'),
    id: index,
    method: text(64),
    params: v.unknown(),
  }),
  v.strictObject({ type: v.literal('cancel'), id: index }),
]);

/** Whether a message from a window has the form of a call or a cancellation. */
export function isRequestMessage(
  message: unknown,
): message is v.InferOutput<typeof requestMessage> {
  return v.is(requestMessage, message);
}

/** Throws where a method's parameters don't have the agreed shape. */
export function checkParams<Methods>(
  schemas: ParamSchemas<Methods>,
  method: string,
  params: unknown,
): void {
  const schema = Object.hasOwn(schemas, method) ? schemas[method as keyof Methods] : undefined;
  const result = schema && v.safeParse(schema, params);
  if (result?.success) return;
  const issue = result?.issues[0];
  const where = issue ? ` at ${v.getDotPath(issue) ?? 'its root'}` : '';
  throw new DeltascopeError('request-invalid', 'app', `“${method}” was asked wrongly${where}.`);
}
