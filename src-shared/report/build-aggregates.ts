import { formatCount, formatPercent, formatResidual } from '../format/numbers';
import { outputWords } from '../privacy/output-words';
import { isSuppressed, type Release, type ReleasedRate } from '../privacy/release';
import { recordingNames, unitCaptions, unitNames } from '../words';
import { numberedParts } from './build-report';
import { layerNames, optimizerNames } from './report-facts';
import type { ReportCheck, ReportCommand, ReportModel, ReportRow } from './report-model';
import type { ReportKind } from './report-sections';
import type { ReportStatement } from './statement';

/** What an aggregates report is made from: the frozen release and nothing else of the run. */
export interface AggregatesSource {
  readonly release: Release;
  /** SHA-256 of the release's file, as hex. */
  readonly sha256: string;
  readonly kind: ReportKind;
  readonly statement: ReportStatement;
  /** Version of Deltascope that makes the report. */
  readonly version: string;
}

/** Stands where the rules keep a number back. */
export const keptBack = '–';

/** Builds the report of a release; whoever has the file can build the same. */
export function buildAggregatesReport(source: AggregatesSource): ReportModel {
  const { release, sha256, kind, statement } = source;
  const { run } = release;
  const unit = unitOfRelease(release);
  const report = {
    version: 2,
    ...{ kind, ...titlesOf(source) },
    mode: 'aggregates',
    reportId: `DS-${sha256.slice(0, 4)}-${sha256.slice(4, 8)}-${kind[0]}`.toUpperCase(),
    runMark: sha256.slice(0, 12),
    lacks: [],
    summary: summaryOf(release),
    identity: identityRows(release),
    recipe: [],
    files: fileRows(release, sha256),
    classNames: run.classNames,
    target: { name: '', caption: '' },
    unit: { name: unitNames[unit], caption: unitCaptions[unit] },
    ...{ cases: [], resumed: [], training: null, architecture: null, release },
    checks: checksOf(release),
    limits: limitsOf(release),
    versions: [
      { label: 'Deltascope, recording', value: run.deltascope },
      { label: 'Deltascope, report', value: source.version },
    ],
    commands: commandsOf(source),
    scorecard: null,
    rows: {},
    origins: {},
  } as const;
  return { ...report, ...numberedParts(report, statement) };
}

/** A released number in words: a bound where that is all there is, a dash where it is kept back. */
export function releasedWords(value: ReleasedRate, format: (value: number) => string): string {
  if (typeof value === 'number') return format(value);
  if (isSuppressed(value)) return keptBack;
  return 'atLeast' in value ? `≥ ${format(value.atLeast)}` : `≤ ${format(value.atMost)}`;
}

function unitOfRelease({ outputs }: Release) {
  for (const { content } of outputs) if ('unit' in content) return content.unit;
  return 'update' as const;
}

function titlesOf({ release, kind }: AggregatesSource) {
  const { run } = release;
  const titles = {
    explanation: 'What each class put there',
    run: `The training of ${run.name}`,
    architecture: `The layers of ${run.name}`,
  } as const;
  return {
    title: titles[kind],
    subtitle: `${run.model} on ${run.data}, run ${run.name}, aggregates only`,
    scope:
      'Aggregates only. Every number is of at least as many examples as the rules ask for and comes from the run’s one frozen release; nothing of a single example is in it.',
  };
}

function summaryOf({ outputs, withheld, sample, run }: Release): string[] {
  const cells = outputs.reduce((sum, { check }) => sum + check.cells, 0);
  const hidden = outputs
    .flatMap(({ check }) => check.suppressed)
    .reduce((sum, each) => sum + each.cells, 0);
  const sentences = [
    `This report says aggregates only. It is of some ${formatCount(sample.predicted)} ${sample.split} examples of ${run.name}, of which some ${formatCount(sample.explained)} were explained.`,
    `${outputs.length === 1 ? 'One output is' : `${outputs.length} outputs are`} released${withheld.length > 0 ? `, ${withheld.length} withheld` : ''}. The rules keep ${formatCount(hidden)} of ${formatCount(cells)} numbers back.`,
  ];
  for (const output of outputs) {
    if (output.kind === 'accuracy') {
      const words = releasedWords(output.content.overall, (value) => formatPercent(value, 0));
      if (words !== keptBack) {
        sentences.push(`The network predicts ${words} of the sampled examples rightly.`);
      }
    }
    if (output.kind === 'certificate') {
      const known = output.content.layers.flatMap(({ residual }) =>
        typeof residual === 'number' ? [residual] : [],
      );
      if (known.length > 0) {
        sentences.push(
          `The largest mean residual of a layer is ${formatResidual(Math.max(...known))}.`,
        );
      }
    }
  }
  return sentences;
}

function identityRows({ run, sample }: Release): ReportRow[] {
  const recording = Object.entries(recordingNames).find(([name]) => name === run.recording)?.[1];
  return [
    { label: 'Run', value: run.name },
    { label: 'Recorded', value: run.recordedOn },
    { label: 'Model', value: run.model },
    { label: 'Weights', value: formatCount(run.parameters) },
    { label: 'Traced layers', value: layerNames(run.layers) },
    { label: 'Data set', value: run.data },
    {
      label: 'Examples, rounded',
      value: `${formatCount(run.examples.train)} training, ${formatCount(run.examples.test)} test`,
    },
    { label: 'Classes', value: formatCount(run.classNames.length) },
    { label: 'Recording', value: recording ?? run.recording },
    { label: 'Optimizer', value: optimizerNames[run.optimizer] ?? run.optimizer },
    { label: 'Epochs', value: String(run.epochs) },
    {
      label: 'Sample, rounded',
      value: `${formatCount(sample.predicted)} ${sample.split} examples, ${formatCount(sample.explained)} of them explained`,
    },
  ];
}

function fileRows({ run }: Release, sha256: string): ReportRow[] {
  const { model, data, trace } = run.commitments;
  return [
    { label: 'Release, the whole file', value: sha256, exact: true },
    { label: 'Model, salted', value: model, exact: true },
    { label: 'Data, salted', value: data, exact: true },
    { label: 'Trace, salted', value: trace, exact: true },
  ];
}

function checksOf({ outputs }: Release): ReportCheck[] {
  return outputs.map(({ kind, check }) => {
    const hidden = check.suppressed.reduce((sum, { cells }) => sum + cells, 0);
    return {
      name: outputWords[kind].title,
      found: `${formatCount(hidden)} of ${formatCount(check.cells)} kept back`,
      limit: 'all rules kept',
      ok: check.state !== 'fail',
    };
  });
}

function limitsOf({ noise, sample }: Release): string[] {
  return [
    `Numbers are of a secret random sample of the ${sample.split} examples, rounded, and kept back where a rule asks for it: a dash stands in their place.`,
    noise
      ? `Every number carries Laplace noise (ε ${noise.epsilon} a number, ${noise.total} in all). ${noise.words}`
      : 'No noise was added to the numbers.',
    'Hashes of model, data and trace are salted: the run’s owner can show that they belong to it, and nobody can try out guesses against them.',
  ];
}

function commandsOf({ release, kind }: AggregatesSource): ReportCommand[] {
  const { name } = release.run;
  const prefix = 'npm run --silent deltascope --';
  return [
    {
      gives: 'The frozen release, with every number as JSON',
      command: `${prefix} release ${name} --out release.json`,
    },
    {
      gives: 'This report, from the run or from the release’s file',
      command: `${prefix} report ${name} --mode aggregates --kind ${kind} --pdf report.pdf`,
    },
  ];
}
