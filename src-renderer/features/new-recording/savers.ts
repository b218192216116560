import { formatPercent } from '../../../src-shared/format/numbers';
import { type RecipeChoices, storesWhole } from './choices';

/** A change of the choices that makes a recording cheaper. */
export interface Saver {
  readonly title: string;
  /** What it saves, and what it costs in exactness. */
  readonly effect: string;
  readonly change: Partial<RecipeChoices>;
}

/** A layer that is recorded, and its bytes a step where they are known. */
export interface RecordedLayer {
  readonly name: string;
  readonly bytes: number | null;
}

/** What could be changed to save disk and time, the mildest first. */
export function savers(choices: RecipeChoices, layers: readonly RecordedLayer[] = []): Saver[] {
  const { codec, recording, perExample, epochs, optimizer } = choices;
  const whole = storesWhole(optimizer);
  const found: (Saver | false)[] = [
    !whole &&
      codec === 'dense' && {
        title: 'Fast storage',
        effect:
          'Lower precision where γ stays within 0.3 %, layer by layer; the residual grows as far.',
        change: { codec: 'auto' },
      },
    !whole &&
      codec !== 'dense' &&
      codec !== 'compact' && {
        title: 'Compact storage',
        effect: 'Fewer bits still; γ stays within 0.3 %, recording takes longer.',
        change: { codec: 'compact' },
      },
    recording === 'class-batches' &&
      perExample &&
      !whole && {
        title: 'Per class, not per example',
        effect: 'A step’s γ is split evenly over its examples; shares of classes stay exact.',
        change: { perExample: false },
      },
    recording === 'single' && {
      title: 'Class batches',
      effect: 'One class a step in place of one example: far fewer steps.',
      change: { recording: 'class-batches' },
    },
    epochs > 1 && {
      title: 'Half the epochs',
      effect: 'Half the disk and time; it is another training.',
      change: { epochs: Math.ceil(epochs / 2) },
    },
  ];
  return [withoutLargest(layers), ...found].filter((saver): saver is Saver => saver !== false);
}

/** One layer less: the largest, which often is most of the disk. */
function withoutLargest(layers: readonly RecordedLayer[]): Saver | false {
  const known = layers.every(({ bytes }) => bytes !== null);
  const [largest, ...others] = [...layers].sort((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0));
  if (!known || !largest || others.length === 0) return false;
  const all = layers.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  return {
    title: `Without ${largest.name}`,
    effect: `${formatPercent((largest.bytes ?? 0) / all, 0)} of the disk; the training stays the same, and that layer can’t be explained.`,
    change: { traced: layers.map(({ name }) => name).filter((name) => name !== largest.name) },
  };
}
