// @ts-check

/** @typedef {import('./measure.mjs').Measures} Measures */

/** @param {Measures} measures @returns {string} Markdown tables, fit for docs/performance.md */
export function tables({ steps, storage, explain, feel }) {
  const stepRows = steps.map(({ model, batch, recording, engine, torchMs }) => [
    `${model}, batch ${batch}, ${recording}`,
    milliseconds(engine.stepMs),
    milliseconds(engine.recordedStepMs),
    ratio(engine.ratio),
    torchMs === null ? '–' : milliseconds(torchMs),
    torchMs === null ? '–' : ratio(engine.stepMs / torchMs),
  ]);
  const storageRows = storage.settings.map((/** @type {Record<string, any>} */ setting) => [
    `vgg16, batch 32, ${setting.setting}`,
    `${(setting.bytesPerStep / 1e6).toFixed(1)} MB`,
    ratio(setting.denseOverStored),
    percent(Math.max(...setting.layers.map((/** @type {any} */ layer) => layer.gammaError))),
  ]);
  const explainRows = explain.map(({ model, steps, result }) => [
    `${model}, ${steps} steps`,
    `${(result.traceBytes / 1e6).toFixed(0)} MB`,
    milliseconds(result.readSeconds * 1000),
    milliseconds(result.gammaSeconds * 1000),
    ratio(result.gammaOverRead),
    ratio(result.marginalOverGamma),
    `${ratio(result.cosOneLayerSeconds / result.gammaSeconds)} (${result.cosOneLayer})`,
  ]);
  return [
    table(
      ['step', 'plain', 'recorded', 'recorded / plain', 'PyTorch', 'plain / PyTorch'],
      stepRows,
    ),
    table(['stored', 'a step', 'fp32 / stored', 'worst error of γ'], storageRows),
    table(
      [
        ...['explained', 'trace', 'reading', 'γ', 'γ / reading'],
        ...['one query more / one alone', 'cos of one layer / γ'],
      ],
      explainRows,
    ),
    table(['window', 'measured'], feelRows(feel)),
  ].join('\n');
}

/** @param {import('./feel/feel.mjs').Feel} feel @returns {string[][]} */
function feelRows({ coldStart, quiet, recording, long }) {
  const slowest = (/** @type {Record<string, { median: number }>} */ switches) =>
    milliseconds(Math.max(...Object.values(switches).map(({ median }) => median)));
  const inputs = (/** @type {import('./feel/views.mjs').Fluency} */ each) =>
    `95 % within ${milliseconds(each.p95)}, worst ${milliseconds(each.worst)}; ` +
    `${each.longTasks} tasks over 100 ms in ${each.inputs} inputs`;
  return [
    ["Electron's own empty window", milliseconds(coldStart.emptyMs)],
    ['cold start until Home takes clicks', milliseconds(coldStart.usableMs)],
    ['until the engine is there too', milliseconds(coldStart.restMs)],
    ['slowest view switch', slowest(quiet.switches)],
    ['the same while recording', slowest(recording.switches)],
    ['the same with 300,000 steps', slowest(long.switches)],
    ['inputs while explaining', inputs(quiet.inputs)],
    ['inputs while recording and explaining', inputs(recording.inputs)],
    ['300,000 steps: open until explained', milliseconds(long.explainedMs)],
    [
      'frames of a grid of 60,000 examples, scrolled',
      `median ${milliseconds(long.scrolling.median)}, 95 % within ${milliseconds(long.scrolling.p95)}`,
    ],
  ];
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
function percent(value) {
  return `${(100 * value).toFixed(2)} %`;
}

/** @param {number} value */
function ratio(value) {
  return Number.isFinite(value) ? `${value.toFixed(2)}×` : '–';
}
