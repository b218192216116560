import { describe, expect, it } from 'vitest';
import { leftWords, readWords, secondsLeft, shareRead } from '../../../src-renderer/shared/reading';

const explained = { kind: 'explain', stepsRead: 14200, steps: 20000 } as const;

describe('how far a question is', () => {
  it('is told in steps, in parts where layers take turns, and not before anything is read', () => {
    expect(shareRead(explained)).toBe(0.71);
    expect(readWords(explained).replace(/\s/g, ' ')).toBe('14 200/20 000 steps');
    expect(readWords({ kind: 'layers', stepsRead: 50, steps: 240, layer: 'fc1' })).toBe('20 %');
    expect(readWords({ kind: 'check', stepsRead: 0, steps: 0, checked: [] })).toBe('asking…');
    expect(readWords(null)).toBe('asking…');
  });

  it('says what is left where all of it takes more than ten seconds', () => {
    // A fifth in 4 s: 20 s in all.
    expect(secondsLeft(0.2, 4)).toBe(16);
    expect(leftWords(secondsLeft(0.2, 4))).toBe('16 s left');
    // A half in 4 s: 8 s in all.
    expect(secondsLeft(0.5, 4)).toBeNull();
    // Too early to say.
    expect(secondsLeft(0.01, 1)).toBeNull();
    expect(secondsLeft(0, 30)).toBeNull();
    expect(leftWords(null)).toBe('');
  });
});
