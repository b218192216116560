// @ts-check

/** @typedef {import('./measure.mjs').Measures} Measures */

/** @param {Measures} measures @returns {string} Markdown tables, fit for docs/performance.md */
export function tables({ steps, explain }) {
  const stepRows = steps.map(({ model, batch, engine, torchMs }) => [
    `${model}, batch ${batch}`,
    milliseconds(engine.stepMs),
    milliseconds(engine.recordedStepMs),
    ratio(engine.ratio),
    torchMs === null ? '–' : milliseconds(torchMs),
    torchMs === null ? '–' : ratio(engine.stepMs / torchMs),
  ]);
  const explainRows = explain.map((result) => [
    String(result.queries),
    `${(result.traceBytes / 2 ** 20).toFixed(0)} MiB`,
    milliseconds(result.readSeconds * 1000),
    milliseconds(result.gammaSeconds * 1000),
    ratio(result.gammaOverRead),
    milliseconds(result.cosSeconds * 1000),
    milliseconds(result.perQuerySeconds * 1000),
  ]);
  return [
    table(
      ['step', 'plain', 'recorded', 'recorded / plain', 'PyTorch', 'plain / PyTorch'],
      stepRows,
    ),
    table(
      ['queries', 'trace', 'reading', 'γ', 'γ / reading', 'γ and cos', 'per query'],
      explainRows,
    ),
  ].join('\n');
}

/** @param {string[]} head @param {string[][]} rows */
function table(head, rows) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

/** @param {number} value */
function milliseconds(value) {
  return Number.isFinite(value) ? `${value.toPrecision(3)} ms` : '–';
}

/** @param {number} value */
function ratio(value) {
  return Number.isFinite(value) ? `${value.toFixed(2)}×` : '–';
}
