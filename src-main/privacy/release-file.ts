import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import * as v from 'valibot';
import { DeltascopeError } from '../../src-shared/errors';
import { tracedKinds } from '../../src-shared/model/resolved';
import { outputKinds, type Release } from '../../src-shared/privacy/release';
import { type RuleId, ruleIds } from '../../src-shared/privacy/rules';

/**
 * The form of a release file. It is strict: a field that the format does not know is refused, so that
 * nothing else can be carried in one.
 */

/** Largest file that is read, bytes: a hundred layers and a hundred classes take some ten. */
const mostBytes = 64 * 1024 * 1024;

const words = v.pipe(v.string(), v.maxLength(4000));
const name = v.pipe(v.string(), v.maxLength(300));
const finite = v.pipe(v.number(), v.finite());
const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const day = v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/));
const list = <Item extends v.GenericSchema>(item: Item) =>
  v.pipe(v.array(item), v.maxLength(100_000));
const rule = v.picklist(ruleIds as [RuleId, ...RuleId[]]);
const suppressed = v.strictObject({ suppressed: rule });
const number = v.union([finite, suppressed]);
const rate = v.union([
  number,
  v.strictObject({ atLeast: finite }),
  v.strictObject({ atMost: finite }),
]);
const unit = v.picklist(['update', 'credit']);
const layerName = { layer: name };
const banded = { value: number, band: v.strictTuple([finite, finite]) };

const check = v.strictObject({
  state: v.picklist(['pass', 'review', 'fail']),
  rule: v.nullable(rule),
  reason: words,
  fix: words,
  cells: whole,
  suppressed: list(v.strictObject({ rule, cells: whole })),
});

const contents = {
  accuracy: v.strictObject({
    overall: rate,
    classes: list(v.strictObject({ label: whole, examples: number, accuracy: rate })),
  }),
  confusion: v.strictObject({ counts: list(list(number)) }),
  'class-shares': v.strictObject({
    unit,
    layers: list(
      v.strictObject({
        ...layerName,
        rows: list(
          v.strictObject({
            predicted: whole,
            examples: whole,
            initialization: number,
            ghost: number,
            shares: list(number),
          }),
        ),
      }),
    ),
  }),
  specificity: v.strictObject({
    unit,
    over: v.optional(v.picklist(['steps', 'examples']), 'steps'),
    permutations: whole,
    level: finite,
    layers: list(
      v.strictObject({
        ...layerName,
        whole: v.nullable(v.strictObject(banded)),
        classes: list(v.strictObject({ label: whole, ...banded })),
      }),
    ),
  }),
  'cos-histograms': v.strictObject({
    unit,
    layers: list(
      v.strictObject({
        ...layerName,
        histograms: list(
          v.strictObject({
            predicted: whole,
            steps: v.picklist(['own', 'other', 'all']),
            edges: list(finite),
            shares: list(number),
          }),
        ),
      }),
    ),
  }),
  timeline: v.strictObject({
    unit,
    layers: list(
      v.strictObject({
        ...layerName,
        initialization: number,
        epochs: list(v.strictObject({ epoch: whole, reached: number })),
      }),
    ),
  }),
  certificate: v.strictObject({
    layers: list(v.strictObject({ ...layerName, residual: number, errorBound: finite })),
  }),
};

const titled = { title: words, caption: words, check };
const output = v.variant('kind', [
  v.strictObject({ kind: v.literal('accuracy'), ...titled, content: contents.accuracy }),
  v.strictObject({ kind: v.literal('confusion'), ...titled, content: contents.confusion }),
  v.strictObject({ kind: v.literal('class-shares'), ...titled, content: contents['class-shares'] }),
  v.strictObject({ kind: v.literal('specificity'), ...titled, content: contents.specificity }),
  v.strictObject({
    kind: v.literal('cos-histograms'),
    ...titled,
    content: contents['cos-histograms'],
  }),
  v.strictObject({ kind: v.literal('timeline'), ...titled, content: contents.timeline }),
  v.strictObject({ kind: v.literal('certificate'), ...titled, content: contents.certificate }),
]);

const about = {
  run: v.strictObject({
    ...{ name, data: name, model: name, recording: name, optimizer: words },
    epochs: whole,
    classNames: list(name),
    layers: list(
      v.strictObject({
        ...{ name, kind: v.picklist(tracedKinds), rows: whole, columns: whole },
        frozen: v.optional(v.boolean(), false),
        unrecorded: v.optional(v.boolean()),
      }),
    ),
    parameters: whole,
    examples: v.strictObject({ train: whole, test: whole }),
    recordedOn: day,
    deltascope: name,
    commitments: v.strictObject({ model: digest, data: digest, trace: digest }),
  }),
  sample: v.strictObject({
    split: v.picklist(['train', 'test']),
    predicted: whole,
    explained: whole,
  }),
  rules: list(v.strictObject({ rule, words, threshold: finite })),
  noise: v.nullable(
    v.strictObject({ kind: v.literal('laplace'), epsilon: finite, total: finite, words }),
  ),
};

const kind = v.picklist(outputKinds);

const releaseSchema = v.strictObject({
  format: v.literal('deltascope-release'),
  version: v.literal(1),
  readme: list(words),
  ...about,
  outputs: list(output),
  withheld: list(
    v.strictObject({
      kind,
      title: words,
      because: v.picklist(['failed', 'rejected']),
      reason: words,
    }),
  ),
  decision: v.variant('by', [
    v.strictObject({ by: v.literal('rules'), on: day }),
    v.strictObject({
      by: v.literal('checker'),
      author: name,
      checker: name,
      comment: words,
      on: day,
    }),
  ]),
});

/** A draft as it waits in the run folder. */
export const draftSchema = v.strictObject({
  version: v.literal(1),
  about: v.strictObject(about),
  draft: v.strictObject({
    checkedAt: v.string(),
    settings: v.strictObject({
      atLeast: whole,
      epsilon: v.nullable(finite),
      examples: v.nullable(whole),
    }),
    classNames: list(name),
    outputs: list(output),
    decisions: list(v.strictObject({ output: kind, approved: v.boolean(), reason: words })),
  }),
});

/**
 * Reads the text of a release.
 *
 * @param file how errors name it
 * @throws DeltascopeError `request-invalid` where it is none, or of a newer version
 */
export function parseRelease(text: string, file: string): Release {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw notOne(file, 'it is not JSON');
  }
  const head = v.safeParse(v.object({ format: v.string(), version: v.number() }), value);
  if (!head.success || head.output.format !== 'deltascope-release') {
    throw notOne(file, 'it does not say that it is one');
  }
  if (head.output.version > 1) {
    throw notOne(file, 'a newer version of Deltascope wrote it; update Deltascope to open it');
  }
  const parsed = v.safeParse(releaseSchema, value);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw notOne(file, `its field ${v.getDotPath(issue) ?? 'at the root'} is not as the format says`);
}

/** Reads a release file. */
export async function readReleaseFile(path: string): Promise<Release> {
  const file = basename(path);
  let text: string;
  try {
    if ((await stat(path)).size > mostBytes) throw notOne(file, 'it is too large');
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof DeltascopeError) throw error;
    throw notOne(file, 'it can’t be read');
  }
  return parseRelease(text, file);
}

/** Whether a file says at its beginning that it is a release. */
export function looksLikeRelease(text: string): boolean {
  return /^\s*\{\s*"format"\s*:\s*"deltascope-release"/.test(text);
}

function notOne(file: string, reason: string): DeltascopeError {
  return new DeltascopeError('request-invalid', 'privacy', `${file} is no release: ${reason}.`);
}
