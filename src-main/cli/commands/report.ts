import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { mostSeeds } from '../../../src-shared/architecture/seed-spread';
import type { CallContext } from '../../../src-shared/contract/rpc';
import type { ExampleReference } from '../../../src-shared/explanation/explanation';
import { parseJson } from '../../../src-shared/recipe/json-text';
import {
  explanationOf,
  mostCases,
  type ReportRequest,
  usualSample,
} from '../../../src-shared/report/report-request';
import {
  type ReportKind,
  type ReportMode,
  reportKinds,
} from '../../../src-shared/report/report-sections';
import { readScorecard } from '../../../src-shared/report/scorecard-file';
import {
  emptyStatement,
  type ReportStatement,
  readStatement,
} from '../../../src-shared/report/statement';
import type { Scorecard } from '../../../src-shared/scorecard';
import { aggregatesModel, releaseForReport, releaseOfFile } from '../../worker/aggregates-report';
import { type OpenRun, openRun } from '../../worker/open-run';
import { reportJob, reportJobs } from '../../worker/report-job';
import {
  type Arguments,
  oneOf,
  onePositional,
  optionValue,
  readArguments,
  wholeNumber,
} from '../arguments';
import { callerPath, checkTarget, say } from '../output';
import { printReports } from '../print-reports';
import { UsageError } from '../usage';
import { exampleReference, targetOf, unitOf } from './explain';

/** `report DIR [--kind …] --example SPLIT:N… --pdf FILE | --into FOLDER` */
export async function reportCommand(words: readonly string[], context: CallContext): Promise<void> {
  const given = readArguments(words, {
    '--kind': 'one',
    '--example': 'many',
    '--examples-file': 'one',
    '--target': 'one',
    '--unit': 'one',
    '--mode': 'one',
    '--examples': 'one',
    '--compare': 'one',
    '--seeds': 'one',
    '--statement': 'one',
    '--scorecard': 'one',
    '--pdf': 'one',
    '--into': 'one',
  });
  const path = callerPath(onePositional(given, 'the run folder'));
  const request = await requestOf(given);
  const files = filesOf(given, request);
  const statement = await statementOf(given);
  const into = optionValue(given, '--into');
  if (into !== undefined) await makeFolder(into);
  for (const pdf of files) await checkTarget(pdf);
  if (request.mode === 'aggregates')
    await reportAggregates(path, request, statement, files, context);
  else await reportExamples(path, request, { given, statement, files }, context);
  for (const pdf of files) say(`wrote ${pdf}`);
}

/** The report of the frozen release; of a run without one, of all that passes the rules. */
async function reportAggregates(
  path: string,
  { kind }: ReportRequest,
  statement: ReportStatement,
  files: readonly string[],
  context: CallContext,
): Promise<void> {
  const isFile = (await stat(path).catch(() => null))?.isFile() ?? false;
  const frozen = isFile ? await releaseOfFile(path) : await releaseForReport(path, context);
  const model = aggregatesModel(frozen, kind, statement);
  await printReports([{ model, pictures: {} }], files, isFile ? null : path, context.signal);
}

interface ExamplesOrder {
  readonly given: Arguments;
  readonly statement: ReportStatement;
  readonly files: readonly string[];
}

async function reportExamples(
  folder: string,
  request: ReportRequest,
  { given, statement, files }: ExamplesOrder,
  context: CallContext,
): Promise<void> {
  const scorecard = await scorecardOf(given);
  const compared = optionValue(given, '--compare');
  const seeds = wholeNumber(optionValue(given, '--seeds') ?? '1', '--seeds', 1);
  if (seeds > mostSeeds) throw new UsageError(`--seeds takes up to ${mostSeeds}, not ${seeds}`);
  const run = await openRun(folder);
  let other: OpenRun | null = null;
  try {
    other = compared === undefined ? null : await openRun(callerPath(compared));
    const parts = { statement, scorecard, other, seeds };
    const jobs = given.options.has('--into')
      ? reportJobs(run, request, parts, context)
      : [reportJob(run, request, parts, context)];
    await printReports(jobs, files, folder, context.signal);
  } finally {
    other?.close();
    run.close();
  }
}

async function requestOf(given: Arguments): Promise<ReportRequest> {
  const kind = oneOf<ReportKind>(given, '--kind', reportKinds) ?? 'explanation';
  const mode = oneOf<ReportMode>(given, '--mode', ['examples', 'aggregates']) ?? 'examples';
  const examples = await examplesOf(given);
  if (mode === 'aggregates') {
    if (examples.length > 0) say('an aggregates report names no example: --example is left aside');
    return { ...explanationOf([]), kind, mode };
  }
  if (kind === 'explanation' && examples.length === 0) throw new UsageError('--example is missing');
  if (kind !== 'explanation' && examples.length > 0) {
    throw new UsageError(`--example goes with --kind explanation, not ${kind}`);
  }
  const size = optionValue(given, '--examples');
  if (kind !== 'architecture' && optionValue(given, '--compare') !== undefined) {
    throw new UsageError('--compare goes with --kind architecture');
  }
  const sample = size === undefined ? null : wholeNumber(size, '--examples', 1);
  return {
    ...{ kind, mode, target: targetOf(given), unit: unitOf(given) },
    cases: examples.map((example) => ({ ...example, over: null, note: '' })),
    sample: kind === 'architecture' ? (sample ?? usualSample) : sample,
  };
}

/** Of `--example` and of the lines of `--examples-file`, each once. */
async function examplesOf(given: Arguments): Promise<ExampleReference[]> {
  const file = optionValue(given, '--examples-file');
  const lines = file === undefined ? [] : (await textOf(file)).split(/\s+/).filter(Boolean);
  const words = [...(given.options.get('--example') ?? []), ...lines];
  return [...new Set(words)].map(exampleReference);
}

/** One PDF of everything, or with `--into` one for each example, in their order. */
function filesOf(given: Arguments, request: ReportRequest): string[] {
  const [pdf, into] = [optionValue(given, '--pdf'), optionValue(given, '--into')];
  if (pdf !== undefined && into !== undefined) throw new UsageError('--pdf or --into, not both');
  if (pdf !== undefined) {
    if (request.cases.length > mostCases) {
      throw new UsageError(
        `one PDF takes at most ${mostCases} examples, not ${request.cases.length}; --into FOLDER makes one of each`,
      );
    }
    return [callerPath(pdf)];
  }
  if (into === undefined) throw new UsageError('--pdf is missing');
  if (request.cases.length === 0) throw new UsageError('--into goes with --example; use --pdf');
  return request.cases.map(({ split, index }) => join(callerPath(into), `${split}-${index}.pdf`));
}

async function statementOf(given: Arguments) {
  const file = optionValue(given, '--statement');
  if (file === undefined) return emptyStatement;
  return readStatement(parseJson(await textOf(file), file), file);
}

async function scorecardOf(given: Arguments): Promise<Scorecard | null> {
  const file = optionValue(given, '--scorecard');
  if (file === undefined) return null;
  return readScorecard(parseJson(await textOf(file), file), file);
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(callerPath(path), { recursive: true });
  } catch {
    throw new UsageError(`the folder ${path} cannot be made`);
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(callerPath(file), 'utf8');
  } catch {
    throw new UsageError(`${file} cannot be read`);
  }
}
