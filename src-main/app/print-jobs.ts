import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { DeltascopeError } from '../../src-shared/errors';
import type { PrintJob } from '../../src-shared/report/report-model';

/** A finished report and where its PDF goes. */
const listSchema = v.array(v.strictObject({ job: v.string(), pdf: v.string() }));

/** Which reports the command line wants printed. */
export async function readPrintList(path: string): Promise<v.InferOutput<typeof listSchema>> {
  const list = v.safeParse(listSchema, await parsed(path));
  if (list.success) return list.output;
  throw new DeltascopeError('request-invalid', 'app', `${path} is not a list of reports to print.`);
}

/** A report with its pictures, as the command line wrote it. */
export async function readPrintJob(path: string): Promise<PrintJob> {
  const job = (await parsed(path)) as Partial<PrintJob> | null;
  if (job?.model?.version !== 2 || !job.pictures) {
    throw new DeltascopeError('request-invalid', 'app', `${path} is not a report to print.`);
  }
  return { model: job.model, pictures: job.pictures };
}

async function parsed(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
