import { describe, expect, it } from 'vitest';
import { addUp, playwrightTally, summaryLine, vitestTally } from '../../../scripts/check/tally.mjs';

describe('summaryLine', () => {
  it('names skipped tests only where there are some', () => {
    expect(summaryLine({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed');
    expect(summaryLine({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped');
  });

  it('adds up over runners', () => {
    const sum = addUp([
      { passed: 1, failed: 0, skipped: 4 },
      { passed: 2, failed: 3, skipped: 0 },
    ]);
    expect(sum).toEqual({ passed: 3, failed: 3, skipped: 4 });
  });
});

describe('vitestTally', () => {
  it('counts tests', () => {
    const report = { numPassedTests: 5, numFailedTests: 1, numPendingTests: 2, testResults: [] };
    expect(vitestTally(report, 1)).toEqual({ passed: 5, failed: 1, skipped: 2 });
  });

  it('counts a file that does not load as one failure', () => {
    const testResults = [
      { status: 'failed', assertionResults: [] },
      { status: 'passed', assertionResults: [{ status: 'passed' }] },
    ];
    const report = { numPassedTests: 1, numFailedTests: 0, testResults };
    expect(vitestTally(report, 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  it('fails when the runner failed without saying why, or left no report', () => {
    expect(vitestTally({ numPassedTests: 4, numFailedTests: 0 }, 1).failed).toBe(1);
    expect(vitestTally(undefined, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

describe('playwrightTally', () => {
  it('counts a flaky test as passed', () => {
    const stats = { expected: 2, flaky: 1, unexpected: 0, skipped: 1 };
    expect(playwrightTally({ stats }, 0)).toEqual({ passed: 3, failed: 0, skipped: 1 });
  });

  it('fails when no test was found', () => {
    expect(playwrightTally(undefined, 1).failed).toBe(1);
  });
});
