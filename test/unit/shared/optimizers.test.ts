import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { learningRateAt, type Schedule } from '../../../src-shared/recipe/schedule';
import { completeRecipe } from '../../../src-shared/recipe/schema';

const least = { data: 'mnist', model: 'mlp' } as const;

describe('optimizers of a recipe', () => {
  it('have their own defaults', () => {
    expect(completeRecipe({ ...least, optimizer: { name: 'adam' } }).optimizer).toEqual({
      name: 'adam',
      learningRate: 0.001,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0,
      decoupled: false,
    });
    expect(completeRecipe({ ...least, optimizer: { name: 'sam' } }).optimizer).toMatchObject({
      learningRate: 0.01,
      rho: 0.05,
      momentum: 0,
    });
  });

  it('takes adamw as adam with decoupled decay', () => {
    const optimizer = { name: 'adamw', weightDecay: 0.1 } as const;
    const complete = completeRecipe({ ...least, optimizer });
    expect(complete.optimizer).toMatchObject({ name: 'adam', decoupled: true, weightDecay: 0.1 });
    expect(completeRecipe(complete)).toEqual(complete);
  });

  it('stops the ghosts and keeps no parts where updates are stored', () => {
    const recipe = completeRecipe({ ...least, model: 'lenet', optimizer: { name: 'adam' } });
    expect([recipe.ghostGradient, recipe.perExample, recipe.ghostSamples]).toEqual([
      'stop',
      false,
      40,
    ]);
    const mixed = { ...least, recording: 'mini-batches', optimizer: { name: 'adam' } } as const;
    expect(completeRecipe(mixed).perExample).toBe(false);
  });
});

describe('schedules', () => {
  // Made by test/fixtures/schedules/make.py.
  const torch = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../fixtures/schedules/rates.json'), 'utf8'),
  ) as {
    readonly rate: number;
    readonly epochs: number;
    readonly steps: number;
    readonly schedules: readonly { name: string; schedule: Schedule; rates: number[] }[];
  };

  it.each(torch.schedules)('are PyTorch’s: $name', ({ schedule: given, rates }) => {
    const optimizer = { learningRate: torch.rate };
    const { schedule } = completeRecipe({ ...least, optimizer, schedule: given });
    for (const [step, rate] of rates.entries()) {
      const epoch = Math.floor((step * torch.epochs) / torch.steps);
      const found = learningRateAt({ optimizer, schedule }, epoch, step, torch.steps);
      expect(found, `step ${step}`).toBeCloseTo(rate, 12);
    }
  });
});

describe('the learning rate', () => {
  const rates = (schedule: Parameters<typeof learningRateAt>[0]['schedule'], epochs = 1) =>
    Array.from({ length: 4 }, (_, step) =>
      learningRateAt(
        { optimizer: { learningRate: 8 }, schedule },
        Math.floor(step / (4 / epochs)),
        step,
        4,
      ),
    );

  it('steps down after epochs', () => {
    expect(
      rates(
        [
          { afterEpoch: 1, factor: 0.5 },
          { afterEpoch: 3, factor: 0.5 },
        ],
        4,
      ),
    ).toEqual([8, 4, 4, 2]);
  });

  it('grows in equal parts while it warms up', () => {
    expect(rates([{ warmUpSteps: 4 }])).toEqual([2, 4, 6, 8]);
    expect(rates([{ warmUpSteps: 2 }, { afterEpoch: 1, factor: 0.5 }], 2)).toEqual([4, 8, 4, 4]);
  });

  it('follows half a cosine to its least', () => {
    const cosine = { kind: 'cosine', warmUpSteps: 0, minimumFactor: 0 } as const;
    const expected = [0, 1, 2, 3].map((t) => 4 * (1 + Math.cos((Math.PI * t) / 4)));
    for (const [t, rate] of rates(cosine).entries())
      expect(rate).toBeCloseTo(expected[t] as number, 12);
    const half = rates({ ...cosine, minimumFactor: 0.5 });
    expect(half[0]).toBe(8);
    expect(half[2]).toBeCloseTo(6, 12);
  });

  it('starts its cosine where the warm-up ends', () => {
    const warmed = rates({ kind: 'cosine', warmUpSteps: 2, minimumFactor: 0 });
    expect(warmed.slice(0, 2)).toEqual([4, 8]);
    expect(warmed[2]).toBe(8);
    expect(warmed[3]).toBeCloseTo(4, 12);
  });
});
