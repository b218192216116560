import { explained } from './support/command-line';
import { expectSameExplanation } from './support/compare';
import { expectShown, roundingOf, shownValue } from './support/numbers';
import { expect, test } from './support/test';
import { traffic } from './support/traffic';

test.beforeEach(async ({ open, explain, recorded }) => {
  await open(recorded.folder);
  await expect(explain.heading).toBeVisible();
  await explain.atRest();
});

test('a misclassified image is taken apart, with the numbers of the command line', async ({
  explain,
  recorded,
}) => {
  await expect(explain.filter).toHaveValue('misclassified');
  const example = explain.examples.nth(1);
  const index = await explain.indexOf(example);
  await example.click();
  await explain.shows(index);
  const answer = await explained(recorded.folder, index, recorded.place);
  expect(answer.example.predicted).not.toBe(answer.example.label);
  await expect(explain.prediction).toContainText('misclassified');
  await expect(explain.prediction).toContainText(`labelled ${answer.example.label}`);

  await test.step('probabilities', async () => {
    const probabilities = await explain.probabilities();
    expect(probabilities.size).toBe(10);
    for (const [label, value] of answer.example.probabilities.entries()) {
      expectShown(probabilities.get(String(label)) ?? '', value, `probability of ${label}`);
    }
  });

  await test.step('every layer', async () => {
    const names = answer.layers.map(({ name }) => name);
    expect(names.length).toBeGreaterThan(3);
    await expect(explain.layers.getByRole('tab')).toHaveCount(names.length);
    for (const layer of answer.layers) await expectSameExplanation(explain, answer, layer);
  });
});

test('the learned part and A over B are asked anew', async ({ explain, recorded }) => {
  const index = await explain.shown();
  const whole = await explained(recorded.folder, index, recorded.place);
  const { predicted, label } = whole.example;

  await explain.chooseTarget('Learned part');
  const learned = await explained(recorded.folder, index, recorded.place, 'learned');
  for (const layer of learned.layers) {
    await expectSameExplanation(explain, learned, layer);
    const parts = (await explain.shareRows()).map(({ part }) => part);
    expect(parts).not.toContain('Initialization');
  }

  await explain.chooseTarget('A over B');
  await expect(explain.page.getByLabel('Why', { exact: true })).toHaveValue(String(predicted));
  await expect(explain.page.getByLabel('Rather than', { exact: true })).toHaveValue(String(label));
  const target = `margin:${predicted}:${label}`;
  const margin = await explained(recorded.folder, index, recorded.place, target);
  const output = margin.layers.at(-1);
  if (!output) throw new Error('no layer was explained');
  await expectSameExplanation(explain, margin, output);
  await expect(explain.page.getByRole('heading', { name: 'Why did' })).toBeHidden();

  const other = [...Array(10).keys()].find((at) => at !== predicted && at !== label);
  await explain.page.getByLabel('Rather than', { exact: true }).selectOption(String(other));
  await explain.atRest();
  const against = await explained(
    recorded.folder,
    index,
    recorded.place,
    `margin:${predicted}:${other}`,
  );
  const last = against.layers.at(-1);
  if (!last) throw new Error('no layer was explained');
  await expectSameExplanation(explain, against, last);
});

test('shown parts and residual add up to the whole', async ({ explain }) => {
  for (const tab of await explain.layers.getByRole('tab').all()) {
    await tab.click();
    const rows = await explain.shareRows();
    expect(rows.map(({ part }) => part)).toEqual(
      expect.arrayContaining(['Initialization', 'Residual']),
    );
    const sum = rows.reduce((total, { share }) => total + shownValue(share), 0);
    const rounding = rows.reduce((total, { share }) => total + roundingOf(share), 0);
    expect(Math.abs(sum - 1)).toBeLessThanOrEqual(rounding + 1e-12);
    await expect(explain.certificate).toHaveText(/^\s*complete: residual [\d.]+(e−\d+)?\s*$/);
  }
});

test('a newer question cancels the older ones', async ({ application, explain, recorded }) => {
  await explain.filter.selectOption('all');
  await explain.atRest();
  await expect(explain.examples.nth(9)).toBeVisible();
  const sent = await traffic(application, 'explain.example');
  const last = await explain.indexOf(explain.examples.nth(9));
  // In one go, faster than any answer.
  await explain.page.getByRole('grid', { name: 'Test examples' }).evaluate((grid) => {
    for (let place = 4; place < 10; place++) {
      grid.querySelector<HTMLButtonElement>(`button[data-place="${place}"]`)?.click();
    }
  });
  await explain.shows(last);
  const { asked, cancelled, answered } = await sent();
  expect(asked).toHaveLength(6);
  expect(cancelled).toEqual(asked.slice(0, -1));
  expect(answered).toEqual(asked.slice(-1));
  const answer = await explained(recorded.folder, last, recorded.place);
  const probabilities = await explain.probabilities();
  for (const [label, value] of answer.example.probabilities.entries()) {
    expectShown(probabilities.get(String(label)) ?? '', value, `probability of ${label}`);
  }

  await test.step('by keys too', async () => {
    const next = await explain.indexOf(explain.examples.nth(6));
    for (const key of ['[', '[', '[', '[', ']']) await explain.page.keyboard.press(key);
    await explain.shows(next);
  });
});

test('filters show what they name', async ({ explain }) => {
  const names = async () => {
    await explain.atRest();
    await expect(explain.examples.first()).toBeVisible();
    return explain.examples.evaluateAll((all) =>
      all.map((each) => each.getAttribute('aria-label')),
    );
  };
  const count = async () =>
    Number(
      await explain.page.getByRole('region', { name: 'Inputs' }).locator('header span').innerText(),
    );
  for (const name of await names()) expect(name).toMatch(/^\d not \d: /);
  const misclassified = await count();
  await explain.filter.selectOption('correct');
  for (const name of await names()) expect(name).not.toMatch(/^\d not \d: /);
  const correct = await count();
  await explain.filter.selectOption('all');
  await names();
  expect(await count()).toBe(200);
  expect(misclassified + correct).toBe(200);
});
