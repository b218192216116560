import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ArraySplit } from '../../../src-main/data/array-split';
import type { RawExamples } from '../../../src-main/data/data-set';
import type { ReadExamples } from '../../../src-main/data/imports/importer';
import { fileOf } from './files';
import { expected, fixtures, read, refusal } from './importing';

describe('tables', () => {
  const people = expected.people as Record<string, (number | string | boolean | null)[]>;
  const numbers = (name: string) => people[name] as number[];

  it.each(['people.csv', 'people.csv.gz', 'excel.csv', 'quoted.csv'])(
    'that pandas and csv write are read: %s',
    async (name) => {
      const found = await read('csv', join(fixtures, 'tables', name), { testFraction: 0.25 });
      const { train, test, classNames, columns } = found;
      expect(classNames).toEqual(['high', 'low']);
      expect(train.labels.length + test.labels.length).toBe(40);
      expect(columns?.map((column) => column.name)).toEqual(['age', 'income', 'city', 'member']);
      expect(columns?.[2]).toMatchObject({
        categories: ['Bonn, DE', 'Köln', 'São Paulo', 'The "Hague"', 'two\nlines', '(missing)'],
      });
      expect(train.shape).toEqual([1 + 2 + 6 + 2]);
      // Cell by cell the rows are those of pandas, in their order in each split.
      const rows = rowsOf(found);
      const wanted = numbers('age').map((age, row) => ({
        age: String(age),
        income: people.income?.[row] ?? 'missing',
        city: people.city?.[row] ?? '(missing)',
        member: people.member?.[row] ? 'True' : 'False',
        label: people.label?.[row],
      }));
      for (const split of [rows.train, rows.test]) {
        let at = -1;
        for (const row of split) {
          at = wanted.findIndex((candidate, i) => i > at && same(candidate, row));
          expect([row, at >= 0]).toEqual([row, true]);
        }
      }
    },
  );

  /** Whether the cells say what pandas has; a number scaled in fp32 and back keeps six digits. */
  const same = (wanted: Record<string, unknown>, row: Record<string, unknown>) =>
    Object.entries(wanted).every(([name, value]) => {
      const cell = row[name];
      if (typeof value !== 'number') return cell === value;
      return Math.abs(Number(String(cell).replace('\u2212', '-')) / value - 1) < 2e-5;
    });

  /** Each split's rows as words, with their class. */
  function rowsOf({ train, test, columns, classNames }: ReadExamples<RawExamples>) {
    const words = (name: 'train' | 'test', raw: RawExamples) => {
      const split = new ArraySplit(name, raw, columns);
      return Array.from(raw.labels, (label, i) => ({
        ...Object.fromEntries((split.cells(i) ?? []).map(({ column, value }) => [column, value])),
        label: classNames[label],
      }));
    };
    return { train: words('train', train), test: words('test', test) };
  }

  const csv = (text: string | Uint8Array) => fileOf(Buffer.from(text), 'table.csv');
  const readCsv = (text: string) => read('csv', csv(text), { testFraction: 0.5 });

  it('may have more different numbers than there may be categories, but no word among them', async () => {
    // Gaps on both sides of the last that fits.
    const many = Array.from({ length: 2400 }, (_, i) => (i % 7 === 3 ? null : 0.5 * i - 100));
    const rows = many.map((value, i) => `${value ?? 'NA'},${i % 2 ? 'a' : 'b'}`);
    const long = await readCsv(`x,label\n${rows.join('\n')}\n`);
    const [column] = long.columns ?? [];
    if (column?.kind !== 'number') throw new Error('x holds numbers');
    const trained = new ArraySplit(
      'train',
      long.train,
      long.columns,
      (at) => long.origins?.train(at) ?? '',
    );
    let sum = 0;
    let present = 0;
    for (let at = 0; at < trained.count; at++) {
      const row = Number(/\d+/.exec(trained.origin(at) ?? '')) - 2;
      const [cell] = trained.cells(at) ?? [];
      expect(cell?.value).toBe(
        many[row] === null ? 'missing' : String(many[row]).replace('-', '\u2212'),
      );
      sum += many[row] ?? 0;
      present += Number(many[row] !== null);
    }
    expect(column.mean).toBeCloseTo(sum / present, 9);
    const mixed = await refusal('csv', csv(`x,label\n${rows.join('\n')}\nword,a\nword,b\n`));
    expect(mixed).toMatch(
      /row 1169: column 'x' has more than 1000 different values.*'word' in row 2402/,
    );
  });

  it('have numbers scaled by the training split, missing ones at the mean with a sign of their own', async () => {
    // Two classes of two rows: one of each is for testing, so the training split has two rows.
    const { train, columns } = await readCsv('x,label\n1,a\n1,a\n5,b\n5,b\n');
    expect(train.values).toEqual(Float32Array.from([-1, 1]));
    expect(columns).toEqual([
      { kind: 'number', name: 'x', at: 0, missingAt: null, mean: 3, deviation: 2 },
    ]);
    const gaps = await readCsv('x,label\n2,a\n2,a\nNA,b\n,b\n');
    expect(gaps.train.values).toEqual(Float32Array.from([0, 0, 0, 1]));
    expect(gaps.notes.at(-1)).toMatch(
      /^x: number, minus 2 and divided by 1 .*; 2 missing values take the mean/,
    );
  });

  it('may have blanks, empty rows, any line ends, tabs, and quotes inside quotes', async () => {
    const { train, columns } = await readCsv(
      '\ufeffx\t"the ""y"""\tlabel\r\n\r\n 1\tu v \ta\r1\t"u v"\ta\n2\tw\tb\r\n2\tw\tb',
    );
    expect(columns?.map((column) => column.name)).toEqual(['x', 'the "y"']);
    expect(columns?.[1]).toMatchObject({ categories: ['u v', 'w'] });
    expect(train.values.length).toBe(2 * 3);
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    ['nothing', '', /row 1: the table is empty\.$/],
    ['a header alone', 'x,label\n', /row 1: no row follows the header\.$/],
    ['too few rows', 'x,label\n1,a\n2,b\n', /row 3: With a test fraction of 0.2 no class is large/],
    ['no label', 'x,lable\n1,a\n', /row 1: the header has no column 'label' \(is it 'lable'\?\)/],
    ['a name twice', 'x,x,label\n1,2,a\n', /row 1: the header names the column 'x' twice\.$/],
    ['a short row', 'x,label\n1,a\n\n2\n', /row 4: it has 1 fields, but the header has 2\.$/],
    ['a missing label', 'x,label\n1,a\n2,\n', /row 3: the label is missing\.$/],
    ['an open quote', 'x,label\n1,a\n"2,b\n3,b\n', /row 3: a quote is opened and never closed\.$/],
    ['a stray quote', 'x,label\n"1"2,a\n', /row 2: text follows a closed quote/],
    [
      'other encodings',
      Buffer.from('x,label\n1,K\xf6ln\n', 'latin1'),
      /row 1: the text from here on is not UTF-8/,
    ],
    [
      'no columns',
      'label\na\na\na\nb\nb\nb\n',
      /row 1: beside the label no column has a name and values\.$/,
    ],
    [
      'an endless value',
      `x,label\n${'y'.repeat(70_000)},a\n`,
      /row 2: a value is longer than 65536/,
    ],
    [
      'ids for categories',
      `x,label\n${Array.from({ length: 1200 }, (_, i) => `id${i},a\n`).join('')}`,
      /row 1002: column 'x' has more than 1000 different values.*'id0' in row 2\.$/,
    ],
    [
      'numbers for labels',
      `x,label\n${Array.from({ length: 1200 }, (_, i) => `1,${i}.5\n`).join('')}`,
      /row 1002: column 'label' has more than 1000/,
    ],
  ])('with %s are refused with file, row and rule', async (_, text, rule) => {
    const message = await refusal('csv', csv(text));
    expect(message).toMatch(/^\d+-table\.csv, row \d+: \S/);
    expect(message).toMatch(rule);
  });

  it('leave out what has no name or no values, and say so', async () => {
    const { columns, notes } = await readCsv(',x,empty,label\n0,1,,a\n1,2,,a\n2,3,,b\n3,4,,b\n');
    expect(columns?.map((column) => column.name)).toEqual(['x']);
    expect(notes).toContain('empty: left out, it has no values.');
    expect(notes).toContain(
      'A column without a name is left out (pandas writes its row numbers so).',
    );
  });
});
