import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { nonClaims } from '../../src-shared/words';
import { deltascope, explained } from './support/command-line';
import { answerSaveDialog } from './support/dialogs';
import { expectShown } from './support/numbers';
import { flat, pagesOf, printedParts } from './support/pdf';
import { runName } from './support/recorded-run';
import { runHashOf } from './support/run-hash';
import { expect, test } from './support/test';

test('the report says on paper what the window shows', async ({
  application,
  explain,
  open,
  place,
  recorded,
  report,
}) => {
  await open(recorded.folder);
  await expect(explain.heading).toBeVisible();
  const index = await explain.shown();
  const answer = await explained(recorded.folder, index, recorded.place);
  const { predicted, label, probabilities } = answer.example;
  const shares = new Map<string, string[][]>();
  const shownExamples = new Set<number>();
  for (const { name } of answer.layers) {
    await explain.chooseLayer(name);
    const rows = await explain.shareRows();
    shares.set(
      name,
      rows.map((row) => [row.part, row.share, row.steps].map(flat)),
    );
    for (const side of ['Supporting', 'Opposing'] as const) {
      for (const influence of await explain.influences(side)) shownExamples.add(influence.index);
    }
  }
  const residual = flat(await explain.certificate.innerText());

  await test.step('the preview has the same parts', async () => {
    await report.goTo();
    await expect(report.paper).toContainText(`Why “${predicted}”?`);
    for (const [name, rows] of shares) {
      expect((await report.parts(name)).map((row) => row.map(flat))).toEqual(rows);
    }
  });

  const file = join(place.root, 'exported.pdf');
  await test.step('a cancelled dialog saves nothing', async () => {
    await answerSaveDialog(application, null);
    await report.export.click();
    await report.atRest();
    await expect(report.export).toBeEnabled();
    await expect(report.alert).toBeHidden();
    expect(existsSync(file)).toBe(false);
  });

  await answerSaveDialog(application, file);
  await report.export.click();
  await expect(report.saved('exported.pdf')).toBeVisible({ timeout: 60_000 });

  await test.step('the PDF, read back', async () => {
    const pages = await pagesOf(file);
    const text = pages.join('\n');
    const words = flat(text);
    expect(words).toContain(`Why “${predicted}”?`);
    expect(words).toContain(`Explanation of test example ${index}, run ${runName}`);
    expect(words).toContain(`labelled “${label}”`);
    const printed = new RegExp(`\\b${predicted} (\\d+\\.\\d+ %) predicted`).exec(words)?.[1];
    expectShown(printed ?? '', probabilities[predicted] ?? 0, 'the printed probability');
    // A hash takes two lines of its column, with nothing between them.
    const [, runHash] = /Run, all \d+ files ([0-9a-f]{64})\b/.exec(words) ?? [];
    expect(runHash).toBe(await runHashOf(recorded.folder));
    for (const [name, rows] of shares) expect(printedParts(text, name), name).toEqual(rows);
    for (const shown of shownExamples) expect(words).toMatch(new RegExp(`\\b${shown}\\b`));
    expect(words).toContain(residual.replace(/^complete/, 'Complete'));
    for (const claim of nonClaims) expect(words).toContain(flat(claim));
    for (const [at, page] of pages.entries()) {
      const foot = flat(page);
      expect(foot).toMatch(new RegExp(`page ${at + 1} of ${pages.length}$`));
      expect(foot).toContain(`run ${runHash?.slice(0, 12)} page`);
    }
  });

  await test.step('the command line prints the same numbers', async () => {
    const other = join(place.root, 'printed.pdf');
    const question = ['--example', `test:${index}`, '--pdf', other];
    await deltascope(['report', recorded.folder, ...question], recorded.place);
    const [ours, theirs] = await Promise.all([pagesOf(file), pagesOf(other)]);
    // Versions are of what made each of them: the window is not the command line.
    const numbers = (pages: readonly string[]) =>
      flat(pages.join('\n')).replace(/A Reproduction Table.*?The commands that give/, '');
    expect(numbers(theirs)).toBe(numbers(ours));
    expect((await stat(other)).size).toBeGreaterThan(20_000);
  });
});

test('a report that cannot be saved says why and loses nothing', async ({
  application,
  explain,
  open,
  place,
  recorded,
  report,
}) => {
  await open(recorded.folder);
  await explain.shown();
  await report.goTo();
  await expect(report.paper).toBeVisible();
  await answerSaveDialog(application, join(place.root, 'no such folder', 'report.pdf'));
  await report.export.click();
  await expect(report.alert).toContainText('The report was not saved');
  await expect(report.alert).toContainText('DS-');
  await expect(report.paper).toBeVisible();
  await answerSaveDialog(application, join(place.root, 'report.pdf'));
  await report.export.click();
  await expect(report.saved('report.pdf')).toBeVisible({ timeout: 60_000 });
  await expect(report.alert).toBeHidden();
});
