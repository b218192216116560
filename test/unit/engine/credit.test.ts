import { describe, expect, it } from 'vitest';
import { credit, UpdateRecursion, updatesOf } from '../../../src-main/engine/explanation/credit';
import { coefficientsAt } from '../../../src-main/engine/optimizer';
import { Random } from '../../../src-shared/random';
import type { SgdSpec as OptimizerSpec } from '../../../src-shared/recipe/optimizer-spec';
import { recipeDefaults } from '../../../src-shared/recipe/recipe';

/** Coefficients of one step for each learning rate. */
function steps(optimizer: Partial<OptimizerSpec>, rates: readonly number[]) {
  const spec = { ...recipeDefaults.optimizer, ...optimizer };
  return rates.map((rate, t) => coefficientsAt(spec, t, rate));
}

interface Case {
  readonly optimizer: Partial<OptimizerSpec>;
  readonly rates: readonly number[];
  /** W_T = p_0 W_0 − Σ c_t g_t, worked out by hand. */
  readonly p: number;
  readonly c: readonly number[];
}

const half = { momentum: 0.5 };
const cases: [string, Case][] = [
  ['plain SGD, by its own rate', { optimizer: {}, rates: [0.1, 0.2], p: 1, c: [0.1, 0.2] }],
  // b_2 = g_2 + g_1/2 + g_0/4
  [
    'heavy ball',
    { optimizer: half, rates: [0.1, 0.1, 0.1], p: 1, c: [0.1 * 1.75, 0.1 * 1.5, 0.1] },
  ],
  // A later rate also scales what momentum carries on.
  [
    'heavy ball under a schedule',
    { optimizer: half, rates: [0.4, 0.1], p: 1, c: [0.4 + 0.1 * 0.5, 0.1] },
  ],
  // Δ_t = −η (g_t + b_t / 2)
  [
    'Nesterov',
    {
      optimizer: { ...half, nesterov: true },
      rates: [0.1, 0.1, 0.1],
      p: 1,
      c: [0.1 * (1 + 0.875), 0.1 * (1 + 0.75), 0.1 * (1 + 0.5)],
    },
  ],
  // b_0 = g_0 whole, b_1 = b_0/2 + g_1/2
  [
    'dampening, which the first step is free of',
    { optimizer: { ...half, dampening: 0.5 }, rates: [0.1, 0.1], p: 1, c: [0.15, 0.05] },
  ],
  // W_1 = .95 W_0 − .5 g_0; W_2 = .95 W_1 − .5 g_1
  [
    'coupled decay',
    { optimizer: { weightDecay: 0.1 }, rates: [0.5, 0.5], p: 0.9025, c: [0.475, 0.5] },
  ],
  // b_1 = .145 W_0 + .45 g_0 + g_1; W_2 = .95 W_0 − .5 g_0 − b_1/2
  [
    'coupled decay with momentum',
    { optimizer: { ...half, weightDecay: 0.1 }, rates: [0.5, 0.5], p: 0.8775, c: [0.725, 0.5] },
  ],
  // W_2 = .95 (.95 W_0 − .5 g_0) − .5 (g_0/2 + g_1)
  [
    'decoupled decay with momentum',
    {
      optimizer: { ...half, weightDecay: 0.1, decoupled: true },
      rates: [0.5, 0.5],
      p: 0.9025,
      c: [0.725, 0.5],
    },
  ],
  // Decay follows the rate of each step: 1 − η_t λ.
  [
    'decoupled decay under a schedule',
    {
      optimizer: { weightDecay: 0.1, decoupled: true },
      rates: [0.5, 0.25],
      p: 0.95 * 0.975,
      c: [0.5 * 0.975, 0.25],
    },
  ],
];

describe('credit', () => {
  it.each(cases)('of %s', (_, { optimizer, rates, p, c }) => {
    const found = credit(steps(optimizer, rates));
    expect(found.initialization).toBeCloseTo(p, 14);
    expect(found.gradients.length).toBe(c.length);
    for (const [t, wanted] of c.entries()) expect(found.gradients[t]).toBeCloseTo(wanted, 14);
  });

  it('of no step leaves the initialization whole', () => {
    expect(credit([])).toEqual({ initialization: 1, gradients: new Float64Array() });
  });
});

describe('credit of any optimizer with such a recursion', () => {
  // Written out anew, as PyTorch's documentation has it.
  function trained(
    spec: OptimizerSpec,
    rates: readonly number[],
    start: number,
    g: readonly number[],
  ) {
    const { momentum, dampening, nesterov, weightDecay, decoupled } = spec;
    let [weight, buffer] = [start, 0];
    for (const [t, rate] of rates.entries()) {
      const gradient = (g[t] as number) + (decoupled ? 0 : weightDecay * weight);
      buffer = t === 0 ? gradient : momentum * buffer + (1 - dampening) * gradient;
      const direction =
        momentum === 0 ? gradient : nesterov ? gradient + momentum * buffer : buffer;
      weight = (decoupled ? 1 - rate * weightDecay : 1) * weight - rate * direction;
    }
    return weight;
  }

  it('is what a gradient, or the start, moves the final weight by', () => {
    const random = Random.seeded(4, 'recursions');
    for (let trial = 0; trial < 200; trial++) {
      const momentum = random.integer(4) === 0 ? 0 : 0.99 * random.uniform();
      const nesterov = momentum > 0 && random.integer(2) === 0;
      const spec: OptimizerSpec = {
        ...recipeDefaults.optimizer,
        ...{ momentum, nesterov, dampening: nesterov || momentum === 0 ? 0 : random.uniform() },
        ...{ weightDecay: random.integer(3) === 0 ? 0 : 0.3 * random.uniform() },
        ...{ decoupled: random.integer(2) === 0 },
      };
      const rates = Array.from({ length: 1 + random.integer(30) }, () => 0.5 * random.uniform());
      const g = rates.map(() => random.normal());
      const start = random.normal();
      const found = credit(rates.map((rate, t) => coefficientsAt(spec, t, rate)));
      const nothing = g.map(() => 0);
      expect(found.initialization).toBeCloseTo(trained(spec, rates, 1, nothing), 12);
      for (const t of g.keys()) {
        const one = g.map((_, s) => (s === t ? 1 : 0));
        expect(found.gradients[t]).toBeCloseTo(-trained(spec, rates, 0, one), 12);
      }
      const credited = g.reduce((sum, value, t) => sum - (found.gradients[t] as number) * value, 0);
      const final = trained(spec, rates, start, g);
      expect(found.initialization * start + credited).toBeCloseTo(final, 10);
    }
  });
});

describe('updates from gradients', () => {
  it('match numbers worked out by hand', () => {
    // W_0 = 2; d_0 = 1.2, Δ_0 = −.6; d_1 = −1 + .14, b_1 = .6 − .86, Δ_1 = .13.
    const found = updatesOf([1, -1], 2, steps({ ...half, weightDecay: 0.1 }, [0.5, 0.5]));
    expect(found[0]).toBeCloseTo(-0.6, 14);
    expect(found[1]).toBeCloseTo(0.13, 14);
  });

  it.each(cases)('of %s add up to what credit says', (_, { optimizer, rates, p, c }) => {
    const gradients = [0.7, -1.3, 2.1].slice(0, rates.length);
    const start = -0.4;
    const moved = updatesOf(gradients, start, steps(optimizer, rates)).reduce((a, b) => a + b, 0);
    const credited = c.reduce((sum, share, t) => sum - share * (gradients[t] as number), 0);
    expect(start + moved).toBeCloseTo(p * start + credited, 14);
  });

  it('of vectors are those of each entry', () => {
    const coefficients = steps({ ...half, nesterov: true, weightDecay: 0.2 }, [0.3, 0.2]);
    const recursion = new UpdateRecursion(Float64Array.of(1, -2));
    for (const [t, at] of coefficients.entries()) {
      const found = Array.from(recursion.step([3 + t, -1], at));
      const alone = [
        updatesOf([3, 4], 1, coefficients)[t],
        updatesOf([-1, -1], -2, coefficients)[t],
      ];
      expect(found).toEqual(alone);
    }
  });
});
