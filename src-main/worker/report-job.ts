import { createHash } from 'node:crypto';
import type { CallContext } from '../../src-shared/contract/rpc';
import type { ExplanationView } from '../../src-shared/contract/views';
import { told } from '../../src-shared/errors';
import {
  type ExampleReference,
  type ExplanationTarget,
  type ExplanationUnit,
  targetName,
} from '../../src-shared/explanation/explanation';
import { buildReport } from '../../src-shared/report/build-report';
import { type CaseSource, nearestRival, shownExamples } from '../../src-shared/report/report-case';
import {
  type PrintJob,
  pictureKey,
  picturesOf,
  type ReportModel,
  withExamples,
} from '../../src-shared/report/report-model';
import type { CaseRequest, ReportRequest } from '../../src-shared/report/report-request';
import { type SectionId, sectionTitle } from '../../src-shared/report/report-sections';
import type { ArchitectureSource, RunHashes } from '../../src-shared/report/report-source';
import type { ReportStatement } from '../../src-shared/report/statement';
import type { Scorecard } from '../../src-shared/scorecard';
import { encodePng } from '../data/png';
import { explainedLayers } from '../engine/explanation/explainable-run';
import { analyseRun } from './account';
import { compareRuns } from './architecture-job';
import { explainedViews } from './explain-job';
import type { OpenRun } from './open-run';
import { describeRun } from './run-detail';
import { runHashes } from './run-hashes';
import { systemChecks } from './system-checks';
import { certificatesOf } from './verify-job';
import { productVersion } from './versions';

/** What goes into a report beside the question. */
export interface ReportParts {
  readonly statement: ReportStatement;
  readonly scorecard: Scorecard | null;
  /** The run that an architecture report compares with. */
  readonly other: OpenRun | null;
  /** Seeds that both are compared over; 1: only the two runs themselves. */
  readonly seeds: number;
}

/** Examples of one pass over the trace: their steps are held in memory together. */
const together = 16;

/** The report that was asked for, ready to be printed. */
export async function reportJob(
  run: OpenRun,
  request: ReportRequest,
  parts: ReportParts,
  context: CallContext,
): Promise<PrintJob> {
  return printJobOf(run, await reportModel(run, request, parts, context));
}

/** The report that was asked for; its pictures are read when it is printed. */
export async function reportModel(
  run: OpenRun,
  request: ReportRequest,
  parts: ReportParts,
  context: CallContext,
): Promise<ReportModel> {
  const cases: CaseSource[] = [];
  for (const chunk of passesOf(request.cases)) {
    cases.push(...(await section('cases', request, explainedCases(run, request, chunk, context))));
  }
  return modelOf(run, request, cases, parts, context);
}

/** One report of each case, ready to be printed, by as few passes over the trace as memory allows. */
export async function* reportJobs(
  run: OpenRun,
  request: ReportRequest,
  parts: ReportParts,
  context: CallContext,
): AsyncGenerator<PrintJob> {
  for (const chunk of passesOf(request.cases)) {
    const sources = explainedCases(run, request, chunk, context);
    for (const source of await section('cases', request, sources)) {
      const own = { ...request, cases: [source.request] };
      yield await printJobOf(run, await modelOf(run, own, [source], parts, context));
    }
  }
}

async function modelOf(
  run: OpenRun,
  request: ReportRequest,
  cases: readonly CaseSource[],
  { statement, scorecard, other, seeds }: ReportParts,
  context: CallContext,
): Promise<ReportModel> {
  const hashes = await section('identity', request, runHashes(run, context.signal));
  const { sample } = request;
  const report = buildReport({
    ...{ request, statement, scorecard, hashes, cases },
    run: await describeRun(run.folder),
    reportId: reportIdOf(hashes, request, other?.explainable.name ?? null),
    system: { version: productVersion(), checks: await systemChecks() },
    certificates:
      request.kind === 'run'
        ? await section('cases', request, certificatesOf(run, context.signal))
        : null,
    architecture:
      sample === null
        ? null
        : await section(
            'architecture',
            request,
            architectureOf(run, { ...request, sample, seeds }, other, context),
          ),
  });
  return withExamples(report, ({ split, index }) => ({
    cells: run.data[split].cells(index),
    origin: run.data[split].origin(index),
  }));
}

/** What a section is made of; where that fails, the error names the section. */
function section<T>(id: SectionId, { kind, mode }: ReportRequest, made: Promise<T>): Promise<T> {
  return made.catch((error: unknown) => {
    throw told(`The section “${sectionTitle(id, kind, mode)}” could not be made.`, error);
  });
}

/** A report, complete with its pictures, ready to be printed. */
async function printJobOf(run: OpenRun, model: ReportModel): Promise<PrintJob> {
  const pictures: Record<string, string> = {};
  for (const example of picturesOf(model)) {
    if (model.rows[pictureKey(example)]) continue;
    const picture = await run.data[example.split].thumbnail(example.index);
    if (picture) pictures[pictureKey(example)] = Buffer.from(encodePng(picture)).toString('base64');
  }
  return { model, pictures };
}

/** `DS-1A2B-3C4D`: the same for the same run and question, whoever asks. */
function reportIdOf(
  hashes: RunHashes,
  { kind, mode, cases, target, unit, sample }: ReportRequest,
  other: string | null,
): string {
  const examples = cases.map(({ split, index, over }) => [split, index, over]);
  const question = [hashes.run, kind, mode, examples, targetName(target), unit, sample, other];
  const digits = createHash('sha256').update(JSON.stringify(question)).digest('hex').toUpperCase();
  return `DS-${digits.slice(0, 4)}-${digits.slice(4, 8)}`;
}

function passesOf(cases: readonly CaseRequest[]): (readonly CaseRequest[])[] {
  return Array.from({ length: Math.ceil(cases.length / together) }, (_, pass) =>
    cases.slice(pass * together, (pass + 1) * together),
  );
}

/** Cases explained, and at the output layer why each one's class rather than its rival. */
async function explainedCases(
  run: OpenRun,
  request: ReportRequest,
  cases: readonly CaseRequest[],
  context: CallContext,
): Promise<CaseSource[]> {
  const ask = (examples: readonly ExampleReference[], target: ExplanationTarget) =>
    explainedViews(run, { examples, target, unit: request.unit, top: shownExamples }, context);
  const { target } = request;
  if (target.kind === 'margin') {
    const views = await ask(cases, target);
    return pairs(cases, views, (each, view) => ({
      request: each,
      explanation: { ...view, layers: [], ridges: [] },
      margin: { over: target.over, view },
    }));
  }
  const views = await ask(cases, target);
  // A network may end in something else than a recorded linear layer; no scores can be compared then.
  const output = run.explainable.network.model.nodes.at(-1)?.spec.name;
  const scored = explainedLayers(run.explainable).some(({ name }) => name === output);
  const sources = pairs(cases, views, (each, explanation) => ({
    request: each,
    explanation,
    over: scored ? (each.over ?? nearestRival(explanation)) : null,
  }));
  const margins = new Map<CaseRequest, ExplanationView>();
  for (const over of distinct(sources.map((each) => each.over))) {
    const asked = sources.filter((each) => each.over?.join() === over.join());
    const answers = await ask(
      asked.map((each) => each.request),
      { kind: 'margin', over },
    );
    for (const [at, view] of answers.entries())
      margins.set(asked[at]?.request as CaseRequest, view);
  }
  return sources.map(({ request: each, explanation, over }) => {
    const view = margins.get(each);
    return { request: each, explanation, margin: over && view ? { over, view } : null };
  });
}

/** The architecture of the whole run, and of one of its examples the way through the layers. */
async function architectureOf(
  run: OpenRun,
  { sample, unit, seeds }: { sample: number; unit: ExplanationUnit; seeds: number },
  other: OpenRun | null,
  context: CallContext,
): Promise<ArchitectureSource> {
  const comparison = other
    ? await compareRuns(run, other, { examples: sample, seeds }, context)
    : null;
  const analysis = comparison?.first.analysis ?? (await analyseRun(run, sample, context));
  const [index] = analysis.examples;
  const [through] =
    index === undefined || analysis.null === null
      ? []
      : await explainedViews(
          run,
          {
            examples: [{ split: analysis.split, index }],
            target: { kind: 'representation' },
            // What single examples made of steps that mix classes is known of gradients in any case.
            ...{ unit: analysis.over === 'examples' ? 'credit' : unit, top: 1 },
          },
          context,
        );
  return { analysis, comparison, through: through ?? null };
}

function pairs<A, B, C>(first: readonly A[], second: readonly B[], join: (a: A, b: B) => C): C[] {
  return first.map((a, at) => join(a, second[at] as B));
}

function distinct(
  pairs: readonly (readonly [number, number] | null)[],
): (readonly [number, number])[] {
  return [...new Map(pairs.flatMap((pair) => (pair ? [[pair.join(), pair]] : []))).values()];
}
