import { describe, expect, it } from 'vitest';
import {
  choicesOf,
  type OptimizerName,
  type RecipeChoices,
  recipeOf,
  type ScheduleKind,
  usualChoices,
} from '../../../src-renderer/features/new-recording/choices';
import type { GhostGradient, RecordingMode } from '../../../src-shared/recipe/recipe';
import { checkRecipe, completeRecipe } from '../../../src-shared/recipe/schema';

const here = { normalizes: true, images: true };
const modes: RecordingMode[] = ['single', 'class-batches', 'mini-batches'];
const optimizers: OptimizerName[] = ['sgd', 'sam', 'adam', 'adamw'];
const schedules: ScheduleKind[] = ['constant', 'steps', 'cosine'];
const gradients: GhostGradient[] = ['flow', 'stop'];

/** Every combination of what is chosen from lists. */
function* combinations(): Generator<RecipeChoices> {
  for (const recording of modes)
    for (const optimizer of optimizers)
      for (const schedule of schedules)
        for (const ghostGradient of gradients)
          for (const perExample of [false, true])
            for (const warmUpSteps of [0, 5]) {
              const drops = [{ afterEpoch: 2, factor: 0.1 }];
              const chosen = { recording, optimizer, schedule, ghostGradient, perExample };
              yield { ...usualChoices(), ...chosen, warmUpSteps, drops };
            }
}

describe('recipeOf', () => {
  it('is a valid recipe for every combination, with batch normalization or without', () => {
    let count = 0;
    for (const choices of combinations()) {
      for (const normalizes of [true, false]) {
        const checked = checkRecipe(recipeOf(choices, { normalizes, images: true }));
        expect('faults' in checked ? checked.faults[0].sentence : null).toBe(null);
        count++;
      }
    }
    expect(count).toBe(3 * 4 * 3 * 2 * 2 * 2 * 2);
  });

  it('stops ghosts and keeps no parts where updates are stored', () => {
    const choices = { ...usualChoices(), optimizer: 'adam', perExample: true } as const;
    const recipe = completeRecipe(recipeOf(choices, here));
    expect(recipe).toMatchObject({ ghostGradient: 'stop', perExample: false, codec: 'dense' });
  });

  it('changes no images where there are none', () => {
    const choices = { ...usualChoices(), crop: 4, flip: true };
    expect(recipeOf(choices, here).augment).toEqual({ crop: 4, flip: true });
    expect(recipeOf(choices, { ...here, images: false }).augment).toBe(null);
  });

  it('tells a fault at its field', () => {
    const usual = usualChoices();
    const wrong = [
      [{ ...usual, epochs: 1.5 }, 'epochs', 'It must be a whole number from 1 to 1000000.'],
      [
        { ...usual, descent: { ...usual.descent, momentum: 1 } },
        'optimizer.momentum',
        'It must be a number from 0 to below 1.',
      ],
      [
        { ...usual, descent: { ...usual.descent, nesterov: true } },
        'optimizer.nesterov',
        'optimizer.nesterov needs a momentum above 0 and a dampening of 0.',
      ],
      [
        { ...usual, schedule: 'steps' as const, drops: [{ afterEpoch: 1, factor: 0 }] },
        'schedule[0].factor',
        'It must be a number above 0 and at most 1000.',
      ],
    ] as const;
    for (const [choices, field, message] of wrong) {
      const checked = checkRecipe(recipeOf({ ...choices, drops: [...choices.drops] }, here));
      expect('faults' in checked && checked.faults[0]).toMatchObject({ field, message });
    }
  });
});

describe('choicesOf', () => {
  it('stands for the same recipe again', () => {
    for (const choices of combinations()) {
      const recipe = completeRecipe(recipeOf(choices, here));
      expect(completeRecipe(recipeOf(choicesOf(recipe), here))).toEqual(recipe);
    }
  });

  it('keeps what the window has no choice for', () => {
    const normalize = { mean: [0.5], std: [0.25] };
    const recipe = completeRecipe({ data: 'mnist', model: 'lenet', normalize });
    expect(completeRecipe(recipeOf(choicesOf(recipe), here))).toEqual(recipe);
  });
});
