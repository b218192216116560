import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { appendDisclosure, readDisclosures } from '../../../src-main/privacy/disclosure-log';
import { changePolicy, readPolicy, requireExamples } from '../../../src-main/privacy/policy';
import { privacyFiles } from '../../../src-main/privacy/privacy-folder';
import { temporaryFolder } from '../trace/temporary-folder';

const entry = (detail: string) => ({ what: 'export', detail, by: 'Ada', sha256: null }) as const;

async function logOfThree(): Promise<string> {
  const folder = temporaryFolder();
  for (const detail of ['first', 'second', 'third']) await appendDisclosure(folder, entry(detail));
  return folder;
}

async function change(folder: string, name: string, edit: (text: string) => string): Promise<void> {
  const path = join(folder, name);
  await writeFile(path, edit(await readFile(path, 'utf8')));
}

describe('the disclosure log', () => {
  it('is empty and whole at first, and tells what was added', async () => {
    const folder = temporaryFolder();
    expect(await readDisclosures(folder)).toEqual({ entries: [], problem: null });
    const { entries, problem } = await readDisclosures(await logOfThree());
    expect(entries.map(({ number, detail, by }) => [number, detail, by])).toEqual([
      [1, 'first', 'Ada'],
      [2, 'second', 'Ada'],
      [3, 'third', 'Ada'],
    ]);
    expect(problem).toBeNull();
  });

  const lines = (edit: (all: string[]) => string[]) => (text: string) =>
    `${edit(text.trimEnd().split('\n')).join('\n')}\n`;
  it.each([
    ['a changed word', lines((all) => all.map((line) => line.replace('second', 'nothing')))],
    ['an entry taken out', lines(([first = '', , third = '']) => [first, third])],
    ['entries exchanged', lines(([first = '', second = '', third = '']) => [second, first, third])],
    ['the last one cut off', lines((all) => all.slice(0, 2))],
    ['all cut off', () => ''],
    ['half a line', (text: string) => text.slice(0, -30)],
  ])('shows %s', async (_what, edit) => {
    const folder = await logOfThree();
    await change(folder, privacyFiles.log, edit);
    expect((await readDisclosures(folder)).problem).not.toBeNull();
  });

  it('goes on after damage, which stays visible', async () => {
    const folder = await logOfThree();
    await change(folder, privacyFiles.log, (text) => text.replace('first', 'other'));
    await appendDisclosure(folder, entry('fourth'));
    const { entries, problem } = await readDisclosures(folder);
    expect(entries).toHaveLength(4);
    expect(problem).toMatch(/Entry 1 /);
  });
});

describe('the policy of a run', () => {
  it('is open at first; the threshold is raised and never lowered; the log tells each change', async () => {
    const folder = temporaryFolder();
    expect(await readPolicy(folder)).toEqual({ mode: 'examples', atLeast: 10 });
    await changePolicy(folder, { atLeast: 20, by: 'Ada', reason: 'children' });
    await expect(changePolicy(folder, { atLeast: 19, by: 'Ada', reason: '' })).rejects.toThrow(
      /raised, not lowered to 19/,
    );
    await expect(changePolicy(folder, { atLeast: 30, by: ' ', reason: '' })).rejects.toThrow(/who/);
    await changePolicy(folder, { mode: 'aggregates', by: 'Ada', reason: '' });
    expect(await readPolicy(folder)).toEqual({ mode: 'aggregates', atLeast: 20 });
    const { entries } = await readDisclosures(folder);
    expect(entries.map(({ what }) => what)).toEqual(['policy', 'policy']);
    expect(entries[0]?.detail).toMatch(/at least 20 .*children/);
  });

  it('forbids single examples while it says aggregates, and when it is damaged', async () => {
    const folder = temporaryFolder();
    await expect(requireExamples(folder)).resolves.toBeUndefined();
    await changePolicy(folder, { mode: 'aggregates', by: 'Ada', reason: '' });
    await expect(requireExamples(folder)).rejects.toThrow(/kept to aggregates/);
    await changePolicy(folder, { mode: 'examples', by: 'Ada', reason: 'review is over' });
    await expect(requireExamples(folder)).resolves.toBeUndefined();
    await writeFile(
      join(folder, privacyFiles.policy),
      '{"version":1,"mode":"examples","atLeast":3}',
    );
    await expect(requireExamples(folder)).rejects.toThrow(/no privacy policy/);
  });
});
