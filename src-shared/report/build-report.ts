import type { ExplainRequest, RunDetail } from '../contract/views';
import { formatCount } from '../format/numbers';
import { storesUpdates, unitsDiffer } from '../recipe/optimizer-spec';
import { oneUnit, targetCaptions, targetNames, unitCaptions, unitNames } from '../words';
import { classNameOf, isComplete, residualLimit } from './layer-parts';
import { caseOf, type ReportCase, ridgesOf, shapeOf } from './report-case';
import { certificatesOf, checksOf, lacksOf, limitsOf, unwritten } from './report-checks';
import { commandsOf } from './report-commands';
import { fileRows, identityRows, layerState, recipeRows, versionRows } from './report-facts';
import type { ReportArchitecture, ReportModel, ReportTraining } from './report-model';
import type { ReportRequest } from './report-request';
import { numberedSections } from './report-sections';
import type { ReportSource } from './report-source';
import { summaryOf } from './report-summary';
import type { ReportStatement } from './statement';

/** Builds the report; a pure function, so the same source gives the same report. */
export function buildReport(source: ReportSource): ReportModel {
  const { run, request, hashes, statement } = source;
  const { kind, mode } = request;
  const cases = source.cases.map((each) => caseOf(each, run));
  const training = trainingOf(source);
  const architecture = architectureOf(source);
  const certificates = certificatesOf(cases, training);
  const checks = checksOf(source, certificates);
  const lacks = lacksOf(source);
  const report = {
    version: 2,
    ...{ kind, mode, ...titlesOf(source, cases) },
    reportId: source.reportId,
    runMark: hashes.run.slice(0, 12),
    lacks,
    summary: summaryOf(source, cases, training, architecture),
    identity: identityRows(run),
    recipe: recipeRows(run.recipe),
    files: fileRows(hashes, run),
    classNames: run.classNames,
    target: {
      name: targetTitle(request, run.classNames),
      caption: targetCaptions[request.target.kind],
    },
    unit: unitWords(request, run),
    ...{ cases, training, architecture, checks, release: null },
    resumed: run.resumed,
    limits: limitsOf(source, cases, architecture, certificates),
    versions: versionRows(run, source.system),
    commands: commandsOf(source, cases),
    scorecard: source.scorecard,
    rows: {},
    origins: {},
  } as const;
  return { ...report, ...numberedParts(report, statement) };
}

/** A report with what the auditor says in it now; its numbers stay. */
export function withStatement(
  report: ReportModel,
  statement: ReportStatement,
  notes: readonly string[],
): ReportModel {
  return {
    ...report,
    ...numberedParts(report, statement),
    cases: report.cases.map((each, at) => ({ ...each, note: notes[at] ?? each.note })),
  };
}

/** What of a report follows from the auditor's words. */
export function numberedParts(
  {
    kind,
    mode,
    lacks,
    checks,
    scorecard,
  }: Pick<ReportModel, 'kind' | 'mode' | 'lacks' | 'checks' | 'scorecard'>,
  statement: ReportStatement,
): Pick<ReportModel, 'sections' | 'missing' | 'statement'> {
  const leftOut = scorecard ? statement.leftOut : [...statement.leftOut, 'scorecard' as const];
  return {
    sections: numberedSections(kind, mode, statement.order, leftOut),
    missing: [...lacks, ...unwritten(statement, checks)],
    statement,
  };
}

function titlesOf(
  { run, request }: ReportSource,
  cases: readonly ReportCase[],
): Pick<ReportModel, 'title' | 'subtitle' | 'scope'> {
  const steps = `${formatCount(run.steps)} recorded steps`;
  if (request.kind === 'run') {
    return {
      title: `The training of ${run.name}`,
      subtitle: `${run.model} on ${run.data}, ${steps}`,
      scope:
        'How the network was trained, what was recorded, and whether the record is complete. No single example is explained.',
    };
  }
  if (request.kind === 'architecture') {
    return {
      title: `The layers of ${run.name}`,
      subtitle: `${run.model} on ${run.data}, ${run.layers.length} layers, ${steps}`,
      scope:
        'How specific to classes the updates of each layer are. It hints at layers that may not be needed; only training again tests that.',
    };
  }
  const scope = `Of what the layers’ values are made for ${cases.length === 1 ? 'this example' : 'these examples'}, step by step of the training. It speaks of this network and ${cases.length === 1 ? 'this input' : 'these inputs'} only.`;
  const [only] = cases;
  if (cases.length !== 1 || !only) {
    const splits = [...new Set(cases.map(({ example }) => example.split))].join(' and ');
    return {
      title: 'Why these predictions?',
      subtitle: `Explanation of ${cases.length} ${splits} examples, run ${run.name}`,
      scope,
    };
  }
  const { example, margin } = only;
  return {
    title:
      request.target.kind === 'margin' && margin
        ? `Why “${margin.names[0]}” rather than “${margin.names[1]}”?`
        : `Why “${example.predictedName}”?`,
    subtitle: `Explanation of ${example.split} example ${example.index}, run ${run.name}`,
    scope,
  };
}

function targetTitle({ target }: ReportRequest, classNames: readonly string[]): string {
  if (target.kind !== 'margin') return targetNames[target.kind];
  const [a, b] = target.over;
  return `${classNameOf(classNames, a)} over ${classNameOf(classNames, b)}`;
}

function unitWords({ unit }: Pick<ExplainRequest, 'unit'>, { recipe }: RunDetail) {
  if (storesUpdates(recipe.optimizer)) return { name: unitNames.update, caption: oneUnit.update };
  const caption = unitsDiffer(recipe.optimizer) ? unitCaptions[unit] : oneUnit.gradient;
  return { name: unitNames[unit], caption };
}

function trainingOf({ run, certificates }: ReportSource): ReportTraining | null {
  if (certificates === null) return null;
  return {
    steps: run.steps,
    curve: run.metrics,
    certificates: certificates.map((layer) => ({
      name: layer.name,
      kind: kindOf(layer, run),
      shape: shapeOf(layer, run),
      residual: layer.residual,
      residualLimit: residualLimit(layer),
      complete: isComplete(layer),
    })),
  };
}

/** Dense, Conv2D …, and whether it is frozen or not recorded. */
function kindOf({ name }: { readonly name: string }, run: RunDetail): string {
  const info = run.layers.find((layer) => layer.name === name);
  return info ? [info.kind, layerState(info) ?? []].flat().join(', ') : '–';
}

function architectureOf({ architecture, run }: ReportSource): ReportArchitecture | null {
  if (!architecture) return null;
  const { analysis, comparison, through } = architecture;
  const plots = (through?.ridges ?? []).flatMap((ridge) => {
    const plot = ridgesOf(ridge, run.classNames);
    return plot ? [{ layer: ridge.layer, plot }] : [];
  });
  const title = through
    ? `${through.example.split} example ${through.example.index}, labelled “${classNameOf(run.classNames, through.example.label)}”, predicted “${classNameOf(run.classNames, through.example.predicted)}”`
    : '';
  return { analysis, comparison, through: plots.length > 0 ? { title, plots } : null };
}
