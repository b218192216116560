import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallContext } from '../../../src-shared/contract/rpc';
import type { ExplainRequest } from '../../../src-shared/contract/views';
import { type OpenRun, openRun } from '../../worker/open-run';
import { reportJob } from '../../worker/report-job';
import { onePositional, optionValue, readArguments, requiredValue } from '../arguments';
import { runApplication } from '../electron';
import { callerPath, checkTarget, say } from '../output';
import { UsageError } from '../usage';
import { exampleReference, targetOf, unitOf } from './explain';

/** Influential examples on either side of a layer. */
const shown = 8;

/** `report DIR --example SPLIT:N --pdf FILE` */
export async function reportCommand(words: readonly string[], context: CallContext): Promise<void> {
  const given = readArguments(words, {
    '--example': 'one',
    '--target': 'one',
    '--unit': 'one',
    '--mode': 'one',
    '--pdf': 'one',
  });
  const folder = callerPath(onePositional(given, 'the run folder'));
  const pdf = callerPath(requiredValue(given, '--pdf'));
  const reference = exampleReference(requiredValue(given, '--example'));
  const mode = optionValue(given, '--mode') ?? 'examples';
  if (mode !== 'examples') {
    throw new UsageError(`--mode '${mode}' is not offered by this version; leave it out`);
  }
  const target = targetOf(given);
  const unit = unitOf(given);
  await checkTarget(pdf);
  const run = await openRun(folder);
  try {
    const request = { ...reference, ...explainedFully, target, unit };
    await printReport(run, request, pdf, context);
  } finally {
    run.close();
  }
  say(`wrote ${pdf}`);
}

/** Every layer, by its updates. */
export const explainedFully = {
  layers: null,
  target: { kind: 'representation' },
  unit: 'update',
  exampleSplit: null,
  top: shown,
  range: null,
} as const satisfies Partial<ExplainRequest>;

/** Builds the report of one example and has the application print it. */
export async function printReport(
  run: OpenRun,
  request: ExplainRequest,
  pdf: string,
  context: CallContext,
): Promise<void> {
  const job = await reportJob(run, request, context);
  const folder = await mkdtemp(join(tmpdir(), 'deltascope-'));
  try {
    const file = join(folder, 'report.json');
    await writeFile(file, JSON.stringify(job), { mode: 0o600 });
    await runApplication(['--print-report', file, '--pdf', pdf], context.signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
