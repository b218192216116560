import * as v from 'valibot';
import { fields, flag, number, numberAbove, numberBelow, oneOf, valued, whole } from './fields';
import { type AdamSpec, optimizerDefaults } from './optimizer-spec';
import { cosineDefaults } from './schedule';

const what = 'an object {"name": "sgd", "learningRate": …}';
const names = ['sgd', 'sam', 'adam', 'adamw'] as const;

const rate = (usual: number) => v.optional(numberAbove(0, 1000), usual);
const decay = v.optional(number(0, 1000), 0);
const descent = {
  learningRate: rate(optimizerDefaults.sgd.learningRate),
  momentum: v.optional(numberBelow(0, 1), optimizerDefaults.sgd.momentum),
  dampening: v.optional(number(0, 1), optimizerDefaults.sgd.dampening),
  nesterov: v.optional(flag(), optimizerDefaults.sgd.nesterov),
  weightDecay: decay,
  decoupled: v.optional(flag(), optimizerDefaults.sgd.decoupled),
};
const moments = {
  learningRate: rate(optimizerDefaults.adam.learningRate),
  beta1: v.optional(numberBelow(0, 1), optimizerDefaults.adam.beta1),
  beta2: v.optional(numberBelow(0, 1), optimizerDefaults.adam.beta2),
  epsilon: v.optional(numberAbove(0, 1), optimizerDefaults.adam.epsilon),
  weightDecay: decay,
};

const sgd = fields({ name: v.optional(oneOf(['sgd']), 'sgd'), ...descent }, what);
const sam = fields(
  {
    name: oneOf(['sam']),
    ...descent,
    rho: v.optional(numberAbove(0, 1000), optimizerDefaults.sam.rho),
  },
  what,
);
const adam = fields(
  { name: oneOf(['adam']), ...moments, decoupled: v.optional(flag(), false) },
  what,
);
const adamw = v.pipe(
  fields(
    {
      name: oneOf(['adamw']),
      ...moments,
      decoupled: v.optional(
        valued<true>((value) => value === true, "true, or the name 'adam'"),
        true,
      ),
    },
    what,
  ),
  v.transform((given): AdamSpec => ({ ...given, name: 'adam' })),
);
/** Only says which names there are: the other fields depend on it. */
const unnamed = v.pipe(
  v.looseObject({ name: oneOf(names) }),
  v.transform(() => optimizerDefaults.sgd),
);

/** An optimizer as a recipe writes it, completed. */
export const optimizerSchema = v.lazy((input) => {
  const name = Object.hasOwn(Object(input), 'name') ? (input as { name: unknown }).name : undefined;
  if (name === undefined || name === 'sgd') return sgd;
  if (name === 'sam') return sam;
  if (name === 'adam') return adam;
  return name === 'adamw' ? adamw : unnamed;
});

const most = Number.MAX_SAFE_INTEGER;
const warmUpEntry = fields({ warmUpSteps: whole(1, most) }, 'an object {"warmUpSteps": …}');
const stepEntry = fields(
  { afterEpoch: whole(0, most), factor: numberAbove(0, 1000) },
  'an object {"afterEpoch": …, "factor": …} or {"warmUpSteps": …}',
);
const scheduleList = v.array(
  v.lazy((input) => (Object.hasOwn(Object(input), 'warmUpSteps') ? warmUpEntry : stepEntry)),
  'a list of {"afterEpoch": …, "factor": …}, or {"kind": "cosine"}',
);
const cosine = fields(
  {
    kind: valued<'cosine'>((value) => value === 'cosine', "'cosine'; steps are a list"),
    warmUpSteps: v.optional(whole(0, most), cosineDefaults.warmUpSteps),
    minimumFactor: v.optional(number(0, 1), cosineDefaults.minimumFactor),
  },
  'an object {"kind": "cosine", …}',
);

/** A list of entries, or a cosine over the whole training. */
export const scheduleSchema = v.lazy((input) =>
  Object.hasOwn(Object(input), 'kind') ? cosine : scheduleList,
);
