import { describe, expect, it } from 'vitest';
import {
  bytesUpTo,
  formatByteRange,
  formatBytes,
  formatCount,
  formatNumber,
  formatPercent,
  formatResidual,
} from '../../../src-shared/format/numbers';
import { formatDuration, formatDurationRange } from '../../../src-shared/format/time';

describe('numbers as words', () => {
  it('groups thousands from five digits on', () => {
    expect(formatCount(8400)).toBe('8400');
    expect(formatCount(20000)).toBe('20\u00a0000');
    expect(formatCount(-1234567)).toBe('\u22121\u00a0234\u00a0567');
  });

  it('keeps significant digits', () => {
    expect(formatNumber(188.912, 4)).toBe('188.9');
    expect(formatNumber(0.03789, 2)).toBe('0.038');
    expect(formatNumber(0.0996, 2)).toBe('0.10');
    expect(formatNumber(-0.00000031)).toBe('\u22123.10e\u22127');
    expect(formatNumber(0)).toBe('0');
    expect(formatNumber(Number.NaN)).toBe('–');
  });

  it('never writes a negative zero', () => {
    expect(formatPercent(-0.00001, 1)).toBe('0.0\u00a0%');
    expect(formatPercent(-0.123)).toBe('\u221212.3\u00a0%');
  });

  it('tells a residual by its size', () => {
    expect(formatResidual(3.1e-7)).toBe('3e\u22127');
    expect(formatResidual(0)).toBe('0');
  });

  it('measures bytes and time in one unit', () => {
    expect(formatBytes(1_075_500_000)).toBe('1.1\u00a0GB');
    expect(formatBytes(512)).toBe('512\u00a0B');
    expect(formatByteRange(38e9, 44.2e9)).toBe('38.0–44.2\u00a0GB');
    const axis = (largest: number, ...values: number[]) => values.map(bytesUpTo(largest));
    expect(axis(142e6, 0, 50e6, 100e6)).toEqual(['0\u00a0MB', '50\u00a0MB', '100\u00a0MB']);
    expect(axis(1.62e9, 0, 5e8, 1e9)).toEqual(['0\u00a0GB', '0.5\u00a0GB', '1.0\u00a0GB']);
    expect(formatDuration(200)).toBe('3 min 20 s');
    expect(formatDuration(3900)).toBe('1 h 05 min');
    expect(formatDurationRange(3120, 3540)).toBe('52–59 min');
    expect(formatDuration(273_900)).toBe('3 days 4 h');
    expect(formatDurationRange(52, 80)).toBe('52–80 s');
    expect(formatDurationRange(0.3, 2)).toBe('up to 2 s');
    expect(formatDurationRange(24, 150)).toBe('0.4–2.5 min');
    expect(formatDurationRange(9_676_800, 25_401_600)).toBe('112–294 days');
  });
});
