// @ts-check

/**
 * @typedef {object} Tally
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 */

/** @param {readonly Tally[]} tallies @returns {Tally} */
export function addUp(tallies) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const tally of tallies) {
    sum.passed += tally.passed;
    sum.failed += tally.failed;
    sum.skipped += tally.skipped;
  }
  return sum;
}

/** @param {Tally} tally @returns {string} the last line of `npm test` */
export function summaryLine({ passed, failed, skipped }) {
  const line = `${passed} passed, ${failed} failed`;
  return skipped > 0 ? `${line}, ${skipped} skipped` : line;
}

/**
 * Reads vitest's JSON report. A file that doesn't load has no tests, and an error outside of tests
 * shows only in the exit code: both count as one failure, or a broken suite would look green.
 *
 * @param {unknown} report
 * @param {number} exitCode
 * @returns {Tally}
 */
export function vitestTally(report, exitCode) {
  const result = /** @type {Record<string, any>} */ (report ?? {});
  const passed = Number(result.numPassedTests ?? 0);
  let failed = Number(result.numFailedTests ?? 0);
  for (const file of result.testResults ?? []) {
    const tests = file.assertionResults ?? [];
    const hasFailedTest = tests.some((/** @type {any} */ test) => test.status === 'failed');
    if (file.status === 'failed' && !hasFailedTest) failed += 1;
  }
  if (failed === 0 && exitCode !== 0) failed = 1;
  const skipped = Number(result.numPendingTests ?? 0) + Number(result.numTodoTests ?? 0);
  return { passed, failed, skipped };
}

/**
 * Reads Playwright's JSON report; a flaky test passed in the end and counts so.
 *
 * @param {unknown} report
 * @param {number} exitCode
 * @returns {Tally}
 */
export function playwrightTally(report, exitCode) {
  const result = /** @type {Record<string, any>} */ (report ?? {});
  const stats = result.stats ?? {};
  const passed = Number(stats.expected ?? 0) + Number(stats.flaky ?? 0);
  let failed = Number(stats.unexpected ?? 0);
  if (failed === 0 && exitCode !== 0) failed = 1;
  return { passed, failed, skipped: Number(stats.skipped ?? 0) };
}
