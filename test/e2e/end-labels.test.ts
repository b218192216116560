import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answerSaveDialog } from './support/dialogs';
import { expect, test } from './support/test';

/** Names at the ends of ten lines, by height, as an SVG has them: right of all else, in one column. */
function endNames(svg: string) {
  const texts = [...svg.matchAll(/<text([^>]*)>(\d)<\/text>/g)].map(
    ([, marks = '', name = '']) => ({
      name,
      x: Number(/translate\(([-\d.]+)/.exec(marks)?.[1]),
      y: Number(/translate\([-\d.]+[ ,]([-\d.]+)/.exec(marks)?.[1]),
      size: Number(/([\d.]+)px/.exec(marks)?.[1]),
    }),
  );
  const right = Math.max(...texts.map(({ x }) => x));
  return texts.filter(({ x }) => x === right).sort((a, b) => a.y - b.y);
}

function expectLegible(svg: string, least: { distance: number; size: number }): void {
  const names = endNames(svg);
  expect(names.map(({ name }) => name).sort()).toEqual([...'0123456789']);
  for (const [at, { y, size }] of names.entries()) {
    expect(size).toBeGreaterThanOrEqual(least.size);
    const above = names[at - 1];
    if (above) expect(y - above.y).toBeGreaterThanOrEqual(least.distance);
  }
}

test('ten names at the ends of a margin’s lines keep a distance, in exports and in the report', async ({
  application,
  explain,
  open,
  place,
  recorded,
  report,
  window,
}) => {
  await open(recorded.folder);
  await explain.shown();
  await explain.chooseTarget('A over B');
  const figure = window.getByRole('figure', { name: /^Influence by step at / });
  await figure.focus();
  await window.keyboard.press('Control+e');
  const file = join(place.root, 'margin.svg');
  await answerSaveDialog(application, file);
  await window.getByRole('button', { name: 'SVG…' }).press('Enter');
  await expect(figure.getByText('saved as margin.svg')).toBeVisible();
  expectLegible(await readFile(file, 'utf8'), { distance: 13.9, size: 11 });

  await window.getByRole('button', { name: 'Add to report' }).click();
  await report.goTo();
  await expect(report.paper).toBeVisible({ timeout: 60_000 });
  // The page that is printed, figure by figure: the lines of a layer are lower than those of a margin.
  const drawn = () =>
    report.paper
      .locator('svg')
      .evaluateAll((all) =>
        all.map((svg) => svg.outerHTML).filter((svg) => svg.includes('γ of a step')),
      );
  await expect.poll(async () => (await drawn()).length, { timeout: 60_000 }).toBeGreaterThan(0);
  for (const svg of await drawn()) expectLegible(svg, { distance: 9, size: 10 });
});
