import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { printTheme } from '../../src-renderer/charts/chart-theme';
import { formatFixed, formatNumber } from '../../src-shared/format/numbers';
import type { Release } from '../../src-shared/privacy/release';
import { nonClaims } from '../../src-shared/words';
import { deltascope, explained } from './support/command-line';
import { answerSaveDialog } from './support/dialogs';
import { expectShown } from './support/numbers';
import { flat, pagesOf, picturesIn, printedParts, reachOf, structureOf } from './support/pdf';
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

test('the curves of a run are printed to its last step', async ({ place, recorded }) => {
  const pdf = join(place.root, 'run.pdf');
  await deltascope(['report', recorded.folder, '--kind', 'run', '--pdf', pdf], recorded.place);
  const pages = await pagesOf(pdf);
  for (const caption of ['Loss of each step’s batch', 'Accuracy: share of each step’s batch']) {
    const page = pages.findIndex((text) => flat(text).includes(caption)) + 1;
    expect(await reachOf(pdf, page, printTheme.accent), caption).toBeGreaterThan(0.85);
  }
});

test('several cases are printed alike each time, as their numbers are explained', async ({
  place,
  recorded,
}) => {
  const examples = ['test:8', 'test:9'];
  const [first, second] = [join(place.root, 'first.pdf'), join(place.root, 'second.pdf')];
  for (const pdf of [first, second]) {
    await deltascope(
      ['report', recorded.folder, '--example', ...examples, '--pdf', pdf],
      recorded.place,
    );
  }
  const pages = await pagesOf(first);
  expect(await pagesOf(second)).toEqual(pages);
  const words = flat(pages.join('\n'));
  expect(words).toContain('Why these predictions?');
  expect(words).toContain('6.1 Test example 8');
  expect(words).toContain('6.2 Test example 9');

  await test.step('γ and indices are those of explain', async () => {
    const answer = await explained(recorded.folder, 9, recorded.place);
    for (const { examples: supporting, opposing } of answer.layers) {
      for (const { index, gamma } of [...supporting, ...opposing]) {
        expect(words).toContain(`${index} ${formatNumber(gamma, 3)} `);
      }
    }
  });

  await test.step('the PDF has one title, ordered headings, bookmarks and a language', async () => {
    const tree = await structureOf(first);
    expect(tree.match(/^ *H1\b/gm)).toHaveLength(1);
    const levels = [...tree.matchAll(/^ *H([1-6])\b/gm)].map(([, level]) => Number(level));
    for (const [at, level] of levels.entries()) {
      expect(level, `heading ${at}`).toBeLessThanOrEqual((levels[at - 1] ?? 0) + 1);
    }
    expect(tree).toContain('/Scope /Column');
    expect(tree).toContain('/Scope /Row');
    const bytes = await readFile(first, 'latin1');
    expect(bytes).toContain('/Outlines');
    expect(bytes).toContain('/Lang');
  });

  await test.step('one PDF for each, by one start', async () => {
    const into = join(place.root, 'each');
    const list = join(place.root, 'examples.txt');
    await writeFile(list, `${examples.join('\n')}\n`);
    await deltascope(
      ['report', recorded.folder, '--examples-file', list, '--into', into],
      recorded.place,
    );
    expect((await readdir(into)).sort()).toEqual(['test-8.pdf', 'test-9.pdf']);
    const own = flat((await pagesOf(join(into, 'test-9.pdf'))).join('\n'));
    expect(own).toContain('Explanation of test example 9,');
    expect(own).not.toContain('test example 8');
  });
});

test('an aggregates report has no example, no picture and the numbers of the release', async ({
  place,
  recorded,
}) => {
  // The release of a run is made once; the shared one stays without.
  const folder = join(place.root, 'released');
  await cp(recorded.folder, folder, { recursive: true });
  const pdf = join(place.root, 'aggregates.pdf');
  await deltascope(
    ['report', folder, '--example', 'test:8', '--mode', 'aggregates', '--pdf', pdf],
    recorded.place,
  );
  expect(await picturesIn(pdf)).toBe(0);
  const pages = await pagesOf(pdf);
  const words = flat(pages.join('\n'));
  expect(words).toContain('aggregates only');
  expect(words).not.toMatch(/(test|train|training) example \d/i);
  expect(words).not.toContain('Supporting');
  for (const [at, page] of pages.entries()) {
    expect(flat(page)).toMatch(new RegExp(`page ${at + 1} of ${pages.length}$`));
    expect(flat(page)).toContain('Mode: Aggregates only');
  }

  await test.step('it is of the frozen release', async () => {
    const file = join(place.root, 'release.json');
    await deltascope(['release', folder, '--out', file], recorded.place);
    const text = await readFile(file, 'utf8');
    expect(words).toContain(createHash('sha256').update(text).digest('hex'));
    const release = JSON.parse(text) as Release;
    for (const output of release.outputs) {
      expect(words).toContain(output.title);
      if (output.kind !== 'class-shares') continue;
      for (const { layer, rows } of output.content.layers) {
        const table = words.slice(words.indexOf(`Class shares at ${layer} `));
        for (const { predicted, examples, initialization } of rows) {
          if (typeof initialization !== 'number') continue;
          expect(table).toContain(`${predicted} ${examples} ${formatFixed(initialization, 2)} `);
        }
      }
    }
    const log = await readFile(join(folder, 'privacy', 'disclosures.jsonl'), 'utf8');
    expect(log).toMatch(/report DS-[-\w]+ in mode aggregates/);
  });
});

test('the page that was left is the first to be drawn again', async ({
  explain,
  monitor,
  open,
  recorded,
  report,
  window,
}) => {
  await open(recorded.folder);
  for (const place of [1, 2, 3]) {
    await explain.examples.nth(place).click();
    await explain.shows(await explain.indexOf(explain.examples.nth(place)));
    await explain.addToReport.click();
  }
  await report.goTo();
  const paper = window.getByRole('region', { name: /^Preview, page \d+ of \d+$/ });
  await expect(paper).toBeVisible({ timeout: 60_000 });
  await window.getByRole('button', { name: /^6\.3 / }).click();
  await paper.press('ArrowRight');
  const left = (await paper.getAttribute('aria-label')) ?? '';
  await monitor.goTo();

  // Of the two cases before it some figures are still to come.
  const waiting = await window.evaluate(async () => {
    document.querySelector<HTMLElement>('nav button[title="Report"]')?.click();
    const isShown = (figure: Element) => {
      const page = figure.closest('.window')?.getBoundingClientRect();
      const place = figure.getBoundingClientRect();
      return page !== undefined && place.left >= page.left && place.right <= page.right;
    };
    for (;;) {
      await new Promise(requestAnimationFrame);
      const figures = [...document.querySelectorAll('article .figure')];
      const shown = figures.filter(isShown);
      const [first] = shown;
      if (!first || shown.some((figure) => !figure.querySelector('svg'))) continue;
      const before = figures.slice(0, figures.indexOf(first));
      return before.filter((figure) => !figure.querySelector('svg')).length;
    }
  });
  expect(waiting).toBeGreaterThan(0);
  await expect(window.getByRole('region', { name: left })).toBeVisible();
});

test('what is gathered and written is kept at once, can be undone, and is printed', async ({
  application,
  explain,
  open,
  place,
  recorded,
  report,
  window,
}) => {
  await open(recorded.folder);
  const index = await explain.shown();
  await explain.addToReport.click();
  await report.goTo();
  await report.tab('Cases');
  await window.getByLabel('Note', { exact: true }).fill('It leans to the left.');
  await report.tab('Words');
  await window.getByLabel('Questions').fill('Is the stroke what counts?');
  await window.getByLabel('Conclusions').fill('It is not.');

  await test.step('within a second', async () => {
    const settings = await application.evaluate(({ app }) => app.getPath('userData'));
    const kept = join(settings, 'report-drafts.json');
    const text = () => readFile(kept, 'utf8').catch(() => '');
    await expect.poll(text, { timeout: 1500 }).toContain('It is not.');
    expect(await text()).toContain('It leans to the left.');
  });

  await test.step('undo takes the last words back, redo brings them again', async () => {
    await window.getByRole('button', { name: 'Undo' }).click();
    await expect(window.getByLabel('Conclusions')).toHaveValue('');
    await expect(window.getByLabel('Questions')).toHaveValue('Is the stroke what counts?');
    await window.getByRole('button', { name: 'Redo' }).click();
    await expect(window.getByLabel('Conclusions')).toHaveValue('It is not.');
  });

  await test.step('sections are moved and left out', async () => {
    await report.tab('Outline');
    await window.getByRole('button', { name: 'Move Questions, criteria, roles up' }).click();
    await window.getByRole('checkbox', { name: 'Glossary: in the report' }).uncheck();
    await expect(report.paper.getByRole('heading', { name: '2 Questions' })).toBeAttached();
    await expect(report.paper.getByRole('heading', { name: /Glossary/ })).toHaveCount(0);
  });

  const file = join(place.root, 'gathered.pdf');
  await answerSaveDialog(application, file);
  await report.export.click();
  await expect(report.saved('gathered.pdf')).toBeVisible({ timeout: 60_000 });
  const words = flat((await pagesOf(file)).join('\n'));
  expect(words).toContain('2 Questions, criteria, roles Questions Is the stroke what counts?');
  expect(words).toContain(`Test example ${index}`);
  expect(words).toContain('Auditor’s note. It leans to the left.');
  expect(words).toContain('C Map to frameworks');
  expect(words).not.toContain('the questions of the audit');
  expect(words).toContain('DRAFT');
});
