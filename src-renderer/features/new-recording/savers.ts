import { type RecipeChoices, storesWhole } from './choices';

/** A change of the choices that makes a recording cheaper. */
export interface Saver {
  readonly title: string;
  /** What it saves, and what it costs in exactness. */
  readonly effect: string;
  readonly change: Partial<RecipeChoices>;
}

/** What could be changed to save disk and time, the mildest first. */
export function savers(choices: RecipeChoices): Saver[] {
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
  return found.filter((saver): saver is Saver => saver !== false);
}
