import { describe, expect, it } from 'vitest';
import {
  onePositional,
  optionValue,
  readArguments,
  requiredValue,
  wholeNumber,
} from '../../../src-main/cli/arguments';
import { exampleReference, targetOf } from '../../../src-main/cli/commands/explain';
import { UsageError } from '../../../src-main/cli/usage';

const known = { '--into': 'one', '--json': 'flag', '--example': 'many' } as const;
const read = (line: string) => readArguments(line.split(' ').filter(Boolean), known);

describe('arguments', () => {
  it('are words of their own and options with their values, in any order', () => {
    for (const line of [
      'r.json --into d --json',
      '--json --into d r.json',
      '--into=d r.json --json',
    ]) {
      const given = read(line);
      expect(given.positional).toEqual(['r.json']);
      expect(optionValue(given, '--into')).toBe('d');
      expect(given.options.has('--json')).toBe(true);
    }
  });

  it('take several values after an option, or the option again', () => {
    const wanted = ['a', 'b', 'c'];
    expect(read('--example a b c').options.get('--example')).toEqual(wanted);
    expect(read('--example a --example b c').options.get('--example')).toEqual(wanted);
    expect(read('--example=a --example b --json --example c').options.get('--example')).toEqual(
      wanted,
    );
  });

  it('know - as a value and keep what stands behind =', () => {
    expect(optionValue(read('--into -'), '--into')).toBe('-');
    expect(optionValue(read('--into=a=b'), '--into')).toBe('a=b');
    expect(read('--into d x').positional).toEqual(['x']);
  });

  it.each([
    ['--none', 'unknown option --none'],
    ['--into', '--into needs a value'],
    ['--into --json', '--into needs a value'],
    ['--example --json', '--example needs a value'],
    ['--into a --into b', '--into is given twice'],
  ])('%s is wrong usage', (line, message) => {
    expect(() => read(line)).toThrow(new UsageError(message));
  });

  it('can be required', () => {
    expect(onePositional(read('r.json'), 'the recipe')).toBe('r.json');
    expect(() => onePositional(read('--json'), 'the recipe')).toThrow('the recipe is missing');
    expect(() => onePositional(read('a b'), 'the recipe')).toThrow("'b' is one word too many");
    expect(() => requiredValue(read('a'), '--into')).toThrow('--into is missing');
  });
});

describe('values', () => {
  it('are whole numbers of at least what is allowed', () => {
    expect(wholeNumber('12', '--top')).toBe(12);
    expect(wholeNumber('0', '--step')).toBe(0);
    for (const text of ['-1', '1.5', '', 'x', '1e3', '99999999999999999999', ' 1']) {
      expect(() => wholeNumber(text, '--top'), text).toThrow(UsageError);
    }
    expect(() => wholeNumber('0', '--top', 1)).toThrow(/at least 1, not '0'/);
  });

  it('are examples of a split', () => {
    expect(exampleReference('test:12')).toEqual({ split: 'test', index: 12 });
    expect(exampleReference('train:0')).toEqual({ split: 'train', index: 0 });
    for (const text of ['test', 'test:', 'test:-1', 'valid:1', 'test:1:2', 'test:1.5']) {
      expect(() => exampleReference(text), text).toThrow(UsageError);
    }
  });

  it('are targets', () => {
    const target = (text: string) =>
      targetOf(readArguments(['--target', text], { '--target': 'one' }));
    expect(target('learned')).toEqual({ kind: 'learned' });
    expect(target('margin:3:10')).toEqual({ kind: 'margin', over: [3, 10] });
    expect(() => target('margin:3')).toThrow(UsageError);
    expect(targetOf(readArguments([], { '--target': 'one' }))).toEqual({ kind: 'representation' });
  });
});
