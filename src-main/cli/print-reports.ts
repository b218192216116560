import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { disclosedBy } from '../../src-shared/report/disclosed';
import type { ReportModel } from '../../src-shared/report/report-model';
import type { OpenRun } from '../worker/open-run';
import { printJobOf } from '../worker/report-job';
import { runApplication } from './electron';
import { tellDisclosure } from './tell-disclosure';

/**
 * Has the application print reports, all of them by one start.
 *
 * @param models one after another, so that only one is held at a time
 * @param files where each one's PDF goes, in their order
 */
export async function printReports(
  run: OpenRun,
  models: Iterable<Promise<ReportModel>> | AsyncIterable<ReportModel>,
  files: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'deltascope-'));
  try {
    const printed: string[] = [];
    const list: { job: string; pdf: string }[] = [];
    for await (const model of models) {
      const job = join(folder, `${list.length}.json`);
      await writeFile(job, JSON.stringify(await printJobOf(run, model)), { mode: 0o600 });
      printed.push(disclosedBy(model));
      list.push({ job, pdf: files[list.length] as string });
    }
    const path = join(folder, 'list.json');
    await writeFile(path, JSON.stringify(list), { mode: 0o600 });
    await runApplication(['--print-reports', path], signal);
    for (const detail of printed) await tellDisclosure(run.folder, { what: 'report', detail });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
