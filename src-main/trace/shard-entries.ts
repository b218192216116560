import type { Dtype } from './dtypes';
import { type StepLayout, tensorName } from './layout';
import { entryText } from './safetensors-header';

/** An entry without its step's number and its offsets, which are within the step here. */
interface EntryTemplate {
  readonly text: string;
  readonly begin: number;
  readonly end: number;
}

const known = new WeakMap<StepLayout, readonly EntryTemplate[]>();

/** A step's entries in the header of a shard, with commas between; offsets count on from `begin`. */
export function entriesText(step: number, layout: StepLayout, begin: number): string {
  return templatesOf(layout)
    .map((entry) => `"${step}${entry.text}${begin + entry.begin},${begin + entry.end}]}`)
    .join(',');
}

/** Nearly all steps share a layout, and small steps are written as fast as their entries. */
function templatesOf(layout: StepLayout): readonly EntryTemplate[] {
  const made = known.get(layout);
  if (made) return made;
  const templates = layout.entries.flatMap((entry) =>
    entry.tensors.map((tensor) => {
      const { dtype, shape, begin, end } = tensor;
      const whole = entryText(tensorName(0, entry, tensor), dtype as Dtype, shape, 0, 0);
      return { text: whole.slice('"0'.length, -'0,0]}'.length), begin, end };
    }),
  );
  known.set(layout, templates);
  return templates;
}
