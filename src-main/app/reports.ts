import { basename } from 'node:path';
import type { ReportQuestion } from '../../src-shared/contract/app/report';
import type { CallContext } from '../../src-shared/contract/rpc';
import { disclosedBy } from '../../src-shared/report/disclosed';
import {
  type PrintJob,
  pictureKey,
  picturesOf,
  type ReportModel,
} from '../../src-shared/report/report-model';
import type { Compute } from './compute-client';

/** What reports need of the rest of the shell. */
export interface ReportParts {
  readonly compute: Compute;
  readonly picture: (folder: string, split: 'train' | 'test', index: number) => Promise<Buffer>;
  readonly chooseFile: (suggested: string) => Promise<string | null>;
  readonly print: (job: PrintJob, file: string) => Promise<void>;
}

/** Builds and saves reports. */
export class Reports {
  readonly #parts: ReportParts;

  constructor(parts: ReportParts) {
    this.#parts = parts;
  }

  /** @param question with the folder of the run that is compared */
  build(folder: string, question: ReportQuestion, context: CallContext): Promise<ReportModel> {
    return this.#parts.compute.call('report.build', { folder, ...question }, context);
  }

  /** Asks where to, prints, and gives the file's name; null when the auditor cancels. */
  async export(
    folder: string,
    question: ReportQuestion,
    context: CallContext,
  ): Promise<string | null> {
    const file = await this.#parts.chooseFile(suggestedName(basename(folder), question));
    if (file === null) return null;
    const model = await this.build(folder, question, context);
    await this.#parts.print({ model, pictures: await this.#pictures(folder, model) }, file);
    const detail = disclosedBy(model);
    await this.#parts.compute.call('disclosure.add', { folder, what: 'report', detail });
    return basename(file);
  }

  async #pictures(folder: string, model: ReportModel): Promise<Record<string, string>> {
    const pictured = picturesOf(model).filter((example) => !model.rows[pictureKey(example)]);
    const entries = pictured.map(async (example): Promise<[string, string]> => {
      const png = await this.#parts.picture(folder, example.split, example.index);
      return [pictureKey(example), png.toString('base64')];
    });
    return Object.fromEntries(await Promise.all(entries));
  }
}

/** `run-test-12`, or `run-architecture`. */
function suggestedName(run: string, { request }: ReportQuestion): string {
  if (request.mode === 'aggregates') return `${run}-${request.kind}-aggregates`;
  const [only, ...others] = request.cases;
  if (!only) return `${run}-${request.kind}`;
  return others.length === 0 ? `${run}-${only.split}-${only.index}` : `${run}-examples`;
}
