import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { disclosedBy } from '../../src-shared/report/disclosed';
import type { PrintJob } from '../../src-shared/report/report-model';
import { runApplication } from './electron';
import { tellDisclosure } from './tell-disclosure';

/**
 * Has the application print reports, all of them by one start.
 *
 * @param jobs one after another, so that only one is held at a time
 * @param files where each one's PDF goes, in their order
 * @param run folder of the run whose disclosure log tells of them; null: there is only its release
 */
export async function printReports(
  jobs: Iterable<Promise<PrintJob> | PrintJob> | AsyncIterable<PrintJob>,
  files: readonly string[],
  run: string | null,
  signal: AbortSignal,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'deltascope-'));
  try {
    const printed: string[] = [];
    const list: { job: string; pdf: string }[] = [];
    for await (const job of jobs) {
      const path = join(folder, `${list.length}.json`);
      await writeFile(path, JSON.stringify(job), { mode: 0o600 });
      printed.push(disclosedBy(job.model));
      list.push({ job: path, pdf: files[list.length] as string });
    }
    const path = join(folder, 'list.json');
    await writeFile(path, JSON.stringify(list), { mode: 0o600 });
    await runApplication(['--print-reports', path], signal);
    if (run === null) return;
    for (const detail of printed) await tellDisclosure(run, { what: 'report', detail });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
