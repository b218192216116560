import { expect } from '@playwright/test';
import type { Explanation, LayerExplanation } from '../../../src-shared/explanation/explanation';
import type { Explain } from './explain';
import { expectShown } from './numbers';

/** Checks that the window shows of a layer what the command line says of it. */
export async function expectSameExplanation(
  explain: Explain,
  answer: Explanation,
  layer: LayerExplanation,
): Promise<void> {
  await explain.chooseLayer(layer.name);
  const whole = layer.total ?? layer.normSquared;
  await expectSameShares(explain, layer);
  const residual = (await explain.certificate.innerText()).replace(/^.*residual /s, '');
  expectShown(residual, layer.residual, `residual of ${layer.name}`);
  await expect(explain.layer(layer.name)).toContainText(`residual ${residual}`);
  await expectSameRidge(explain, answer, layer);
  const sides = [
    ['Supporting', layer.examples.filter(({ gamma }) => gamma > 0)],
    ['Opposing', layer.opposing.filter(({ gamma }) => gamma < 0)],
  ] as const;
  for (const [side, expected] of sides) {
    const tiles = await explain.influences(side);
    expect(tiles.map(({ index }) => index)).toEqual(expected.map(({ index }) => index));
    for (const [at, { gamma }] of expected.entries()) {
      const what = `${side.toLowerCase()} example ${at} of ${layer.name}`;
      expectShown(tiles[at]?.gamma ?? '', gamma, `γ of ${what}`);
      expectShown(tiles[at]?.share ?? '', gamma / whole, `share of ${what}`);
    }
  }
}

async function expectSameShares(explain: Explain, layer: LayerExplanation): Promise<void> {
  const shown = new Map((await explain.shareRows()).map((row) => [row.part, row]));
  const expected = new Map<string, number>();
  if (layer.target !== 'learned') expected.set('Initialization', layer.initializationShare);
  for (const { label, share } of layer.classes) expected.set(String(label), share);
  if (layer.ghostShare !== 0) expected.set('Ghost samples', layer.ghostShare);
  expect([...shown.keys()].sort()).toEqual([...expected.keys(), 'Residual'].sort());
  for (const [part, share] of expected) {
    expectShown(shown.get(part)?.share ?? '', share, `share of ${part} in ${layer.name}`);
  }
  for (const { label, steps } of layer.classes) {
    expect(shown.get(String(label))?.steps, `steps of ${label}`).toBe(String(steps));
  }
}

/** The ridge plot's rows are sums over the steps that the command line lists one by one. */
async function expectSameRidge(
  explain: Explain,
  { example }: Explanation,
  { name, steps }: LayerExplanation,
): Promise<void> {
  await expect(explain.ridge.getByRole('figure', { name: `Ridge plot of ${name}` })).toBeVisible();
  const rows = await explain.tableOf(explain.ridge);
  const ranked = [...example.probabilities.keys()].sort(
    (a, b) => (example.probabilities[b] ?? 0) - (example.probabilities[a] ?? 0),
  );
  expect(rows.map(([label]) => label)).toEqual(ranked.map(String));
  for (const [at, label] of ranked.entries()) {
    const [, cos = '', norm = '', count] = rows[at] ?? [];
    const own = [...steps.label.keys()].filter((step) => steps.label[step] === label);
    const weight = own.reduce((sum, step) => sum + (steps.norm[step] ?? 0), 0);
    const along = own.reduce(
      (sum, step) => sum + (steps.cos[step] ?? 0) * (steps.norm[step] ?? 0),
      0,
    );
    expect(count).toBe(String(own.length));
    expectShown(norm, weight, `Σ‖Δf‖ of ${label} in ${name}`);
    expectShown(cos, weight > 0 ? along / weight : 0, `mean cos of ${label} in ${name}`);
  }
}
