import { describe, expect, it } from 'vitest';
import { type Finding, verdict } from '../../../../src-main/engine/uniformity/verdict';
import { type LayerFlag, suggestedLayers } from '../../../../src-shared/architecture/architecture';

function finding(specificity: number, reach: number, classes: number[]): Finding {
  const band = [0.5 - reach, 0.5 + reach] as const;
  const placed = (value: number) => ({
    ...{ specificity: value, band },
    inside: Math.abs(value - 0.5) <= reach,
  });
  return {
    alive: true,
    whole: placed(specificity),
    classes: classes.map((each, label) => ({ ...placed(each), label, examples: 5, steps: 9 })),
  };
}

describe('the verdict on a layer', () => {
  it('calls a layer uniform inside a narrow band only', () => {
    expect(verdict(finding(0.51, 0.03, [0.4, 0.62]), true)).toEqual({
      flag: 'uniform',
      reason:
        'Its updates are uniform over the classes: 0.510, by chance 0.470 to 0.530; only retraining tests whether the layer is needed.',
    });
    expect(verdict(finding(0.55, 0.03, [0.5, 0.6]), true).flag).toBeNull();
    const wide = verdict(finding(0.6, 0.2, [0.6, 0.6]), true);
    expect(wide.flag).toBeNull();
    expect(wide.reason).toMatch(/^Undecided: 0.600, .* 0.300 to 0.700\.$/);
  });

  it('calls a layer separated where every class stands out', () => {
    expect(verdict(finding(0.8, 0.03, [0.71, 0.89]), true).flag).toBe('separated');
    expect(verdict(finding(0.8, 0.03, [0.69, 0.91]), true).flag).toBeNull();
    // Chance reaches that far: nothing is known.
    expect(verdict(finding(0.8, 0.35, [0.75, 0.85]), true).flag).toBeNull();
  });

  it('flags a layer that never moves anything, and never the output layer', () => {
    const dead = { ...finding(0.5, 0, [0.5, 0.5]), alive: false };
    expect(verdict(dead, true).flag).toBe('uniform');
    expect(verdict(dead, false).flag).toBeNull();
    expect(verdict(finding(0.99, 0.03, [0.99, 0.99]), false).flag).toBeNull();
  });
});

it('suggests to leave out the separated layers, not the uniform ones', () => {
  const suggested = (...flags: (LayerFlag | null)[]) =>
    suggestedLayers(flags.map((flag, i) => ({ name: `fc${i}`, flag })));
  expect(suggested('uniform', null, 'separated', null)).toEqual(['fc2']);
  expect(suggested('uniform', null, 'uniform', null)).toEqual([]);
});
