import { describe, expect, it } from 'vitest';
import { readStartMode } from '../../../src-main/app/start-mode';

const read = (...words: string[]) => readStartMode(['electron', '.', ...words], '/home/a');

describe('readStartMode', () => {
  it('opens the window unless told otherwise', () => {
    expect(read()).toEqual({ kind: 'window', run: null, runsFolder: null });
    expect(read('--no-sandbox', '--open', 'run')).toEqual({
      kind: 'window',
      run: '/home/a/run',
      runsFolder: null,
    });
  });

  it('prints and captures', () => {
    expect(read('--print-reports', 'list.json')).toEqual({
      kind: 'print',
      list: '/home/a/list.json',
    });
    expect(read('--capture', 'run', '--into', 'out')).toEqual({
      kind: 'capture',
      run: '/home/a/run',
      into: '/home/a/out',
    });
  });

  it('says what is missing', () => {
    expect(() => read('--print-reports')).toThrow('--print-reports needs a path');
    expect(() => read('--capture', 'run')).toThrow('--capture and --into go together');
    expect(() => read('--capture', '--into', 'out')).toThrow('--capture needs a path');
  });
});
