import * as v from 'valibot';
import { exampleFilters } from '../../../src-shared/contract/views';
import { recall, remember } from '../../shared/memory';

/** Runs whose last views are kept. */
const most = 20;

const whole = v.pipe(v.number(), v.integer(), v.minValue(0));
const split = v.picklist(['train', 'test']);
const example = v.object({ split, index: whole });

const form = v.object({
  run: v.string(),
  example,
  target: v.variant('kind', [
    v.object({ kind: v.picklist(['representation', 'learned']) }),
    v.object({ kind: v.literal('margin'), over: v.pipe(v.tuple([whole, whole]), v.readonly()) }),
  ]),
  unit: v.picklist(['update', 'credit']),
  exampleSplit: v.nullable(v.picklist(['equal', 'exact'])),
  layer: v.nullable(v.string()),
  range: v.nullable(v.object({ from: whole, to: whole })),
  throughLayers: v.boolean(),
  filter: v.object({
    split,
    filter: v.picklist(exampleFilters),
    label: v.nullable(whole),
    predicted: v.nullable(whole),
  }),
  /** The example that it is compared with. */
  beside: v.nullable(example),
});

/** What Explain showed of a run, exactly enough to show it again. */
export type KeptView = v.InferOutput<typeof form>;

const views = () => recall('explain', v.array(form)) ?? [];

/** Keeps a view: it is the run's own until another one is kept, at the next start too. */
export function keepView(view: KeptView): void {
  const others = views().filter(({ run }) => run !== view.run);
  remember('explain', [view, ...others].slice(0, most));
}

/** The view of a run that was kept last. */
export function keptView(of: string): KeptView | null {
  return views().find(({ run }) => run === of) ?? null;
}
