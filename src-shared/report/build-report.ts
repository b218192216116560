import type {
  ExplainRequest,
  ExplanationView,
  RunDetail,
  SystemDescription,
} from '../contract/views';
import {
  type ExampleInfluence,
  type LayerExplanation,
  targetName,
} from '../explanation/explanation';
import type { RidgePlot } from '../explanation/ridge';
import type { StepCourse } from '../explanation/timeline';
import { timelineDrawing } from '../explanation/timeline-drawing';
import { formatCount, formatPercent, formatResidual } from '../format/numbers';
import { storesUpdates, unitsDiffer } from '../recipe/optimizer-spec';
import {
  nonClaims,
  oneUnit,
  targetCaptions,
  targetNames,
  unitCaptions,
  unitNames,
  unitOf,
} from '../words';
import { classNameOf, isComplete, partsOf, residualLimit } from './layer-parts';
import { identityRows, recipeRows } from './report-facts';
import type { ReportExample, ReportInfluence, ReportLayer, ReportModel } from './report-model';

/** What a report is made from. */
export interface ReportSource {
  readonly run: RunDetail;
  readonly explanation: ExplanationView;
  readonly request: ExplainRequest;
  readonly system: SystemDescription;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** What of this machine bears on the numbers. */
const reproducing = new Set(['Node', 'Engine', 'Threads', 'SQLite', 'Electron']);

const versionNames: Readonly<Record<string, string>> = {
  deltascope: 'Deltascope',
  tfjs: 'TensorFlow.js',
  node: 'Node',
};

/** How many examples a side of a layer shows. */
const shownExamples = 8;

/** Steps that a timeline draws on paper. */
const drawnSteps = 600;

/** Builds the report; a pure function, so the same source gives the same report. */
export function buildReport(source: ReportSource): ReportModel {
  const { run, explanation, request, system, createdAt } = source;
  const example = exampleOf(explanation, run.classNames);
  const layers = explanation.layers.map((layer) =>
    layerOf(
      layer,
      explanation.ridges.find((ridge) => ridge.layer === layer.name),
      explanation.course,
      run,
    ),
  );
  const runMark = run.fingerprint.replace(/^sha256:/, '').slice(0, 12) || run.name;
  return {
    version: 1,
    title: `Why “${example.predictedName}”?`,
    subtitle: `Explanation of ${example.split} example ${example.index}, run ${run.name}`,
    reportId: [
      ...[run.name, example.split, example.index, targetName(request.target)],
      ...(request.unit === 'credit' ? ['credit'] : []),
    ].join('-'),
    mode: 'examples',
    createdAt,
    runMark,
    summary: summaryOf(example, layers, run),
    identity: identityRows(run),
    recipe: recipeRows(run.recipe),
    classNames: run.classNames,
    example,
    target: {
      name: targetTitle(request, run.classNames),
      caption: targetCaptions[request.target.kind],
    },
    unit: unitWords(request, run),
    layers,
    nonClaims,
    versions: [
      ...Object.entries(run.versions).map(([name, value]) => ({
        label: `${versionNames[name] ?? name}, recording`,
        value,
      })),
      { label: 'Deltascope, explanation', value: system.version },
      ...system.checks
        .filter(({ name, ok }) => ok && reproducing.has(name))
        .map(({ name, detail }) => ({ label: `${name}, explanation`, value: detail })),
    ],
    command: commandOf(run, request),
    rows: {},
  };
}

function targetTitle(request: ExplainRequest, classNames: readonly string[]): string {
  const { target } = request;
  if (target.kind !== 'margin') return targetNames[target.kind];
  const [a, b] = target.over;
  return `${classNameOf(classNames, a)} over ${classNameOf(classNames, b)}`;
}

function unitWords({ unit }: ExplainRequest, { recipe }: RunDetail): ReportModel['unit'] {
  if (storesUpdates(recipe.optimizer)) return { name: unitNames.update, caption: oneUnit.update };
  const caption = unitsDiffer(recipe.optimizer) ? unitCaptions[unit] : oneUnit.gradient;
  return { name: unitNames[unit], caption };
}

function exampleOf(explanation: ExplanationView, classNames: readonly string[]): ReportExample {
  const { split, index, label, predicted, probabilities } = explanation.example;
  const ranked = probabilities
    .map((value, at) => ({ label: at, name: classNameOf(classNames, at), value }))
    .sort((a, b) => b.value - a.value);
  return {
    split,
    index,
    label,
    labelName: classNameOf(classNames, label),
    predicted,
    predictedName: classNameOf(classNames, predicted),
    misclassified: label !== predicted,
    probabilities: ranked,
  };
}

function layerOf(
  layer: LayerExplanation,
  ridge: RidgePlot | undefined,
  course: StepCourse,
  run: RunDetail,
): ReportLayer {
  const { classNames } = run;
  const info = run.layers.find(({ name }) => name === layer.name);
  const influenceOf = ({ index, label, gamma }: ExampleInfluence): ReportInfluence => ({
    index,
    label,
    name: classNameOf(classNames, label),
    gamma,
    share: gamma / (layer.total ?? layer.normSquared),
  });
  return {
    name: layer.name,
    kind: layer.kind,
    shape: info ? `${formatCount(info.rows)} × ${formatCount(info.columns)}` : '–',
    normSquared: layer.normSquared,
    residual: layer.residual,
    residualLimit: residualLimit(layer),
    complete: isComplete(layer),
    parts: partsOf(layer, classNames),
    // Steps that mix classes have no ridges.
    ridge: ridge?.ridges.some(({ steps }) => steps > 0)
      ? {
          grid: Array.from(ridge.grid),
          predicted: ridge.predicted,
          bandwidthFactor: ridge.bandwidthFactor,
          ridges: ridge.ridges.map((row) => ({
            ...row,
            name: classNameOf(classNames, row.label),
            density: Array.from(row.density),
          })),
        }
      : null,
    margin: layer.total !== undefined,
    unit: unitOf(layer),
    timeline: timelineDrawing(layer, course, { from: 0, to: layer.steps.gamma.length }, drawnSteps),
    exampleSplit: layer.exampleSplit,
    stored: layer.stored,
    supporting: layer.examples
      .filter(({ gamma }) => gamma > 0)
      .slice(0, shownExamples)
      .map(influenceOf),
    opposing: layer.opposing
      .filter(({ gamma }) => gamma < 0)
      .slice(0, shownExamples)
      .map(influenceOf),
  };
}

function summaryOf(
  example: ReportExample,
  layers: readonly ReportLayer[],
  run: RunDetail,
): string[] {
  const probability = formatPercent(example.probabilities[0]?.value ?? 0);
  const verdict = example.misclassified
    ? `Its label is “${example.labelName}”: the prediction is wrong.`
    : 'This is its label.';
  const incomplete = layers.filter(({ complete }) => !complete).map(({ name }) => name);
  const largest = Math.max(0, ...layers.map(({ residual }) => residual));
  const certificate =
    incomplete.length === 0
      ? `Every layer explained is complete: the largest residual is ${formatResidual(largest)}.`
      : `Not complete in ${incomplete.join(', ')}: read those layers with the residual in mind.`;
  const last = layers.at(-1);
  const strongest = [...(last?.parts ?? [])]
    .filter(({ kind }) => kind === 'class')
    .sort((a, b) => b.share - a.share)[0];
  const sentences = [
    `The network says “${example.predictedName}” of ${example.split} example ${example.index} with probability ${probability}. ${verdict}`,
    `All ${formatCount(run.steps)} update steps of the training were recorded, and ${layers.length === 1 ? 'one layer is' : `${layers.length} layers are`} taken apart here. ${certificate}`,
  ];
  if (last && strongest) {
    const own = last.parts.find(({ label }) => label === example.predicted);
    const other =
      own && own !== strongest ? `, of “${own.name}” itself ${formatPercent(own.share)}` : '';
    sentences.push(
      `At ${last.name} the largest share of a class is that of “${strongest.name}”: ${formatPercent(strongest.share)}${other}.`,
    );
  }
  return sentences;
}

function commandOf(run: RunDetail, request: ExplainRequest): string {
  const layer = request.layers?.length === 1 ? request.layers[0] : 'all';
  return [
    'npm run --silent deltascope --',
    `explain ${run.name} --example ${request.split}:${request.index}`,
    `--layer ${layer} --target ${targetName(request.target)}`,
    `--unit ${request.unit} --top ${request.top} --json -`,
  ].join(' ');
}
