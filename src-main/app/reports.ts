import { basename } from 'node:path';
import type { ExplainRequest, SystemDescription } from '../../src-shared/contract/views';
import { buildReport } from '../../src-shared/report/build-report';
import {
  type PrintJob,
  pictureKey,
  picturesOf,
  type ReportModel,
  withRows,
} from '../../src-shared/report/report-model';
import type { Compute } from './compute-client';
import type { RegisteredRun } from './run-registry';
import type { RunViews } from './run-views';

/** What reports need of the rest of the shell. */
export interface ReportParts {
  readonly compute: Compute;
  readonly views: RunViews;
  readonly describeSystem: () => Promise<SystemDescription>;
  readonly picture: (folder: string, split: 'train' | 'test', index: number) => Promise<Buffer>;
  readonly chooseFile: (suggested: string) => Promise<string | null>;
  readonly print: (job: PrintJob, file: string) => Promise<void>;
}

/** Builds and saves explanation reports. */
export class Reports {
  readonly #parts: ReportParts;

  constructor(parts: ReportParts) {
    this.#parts = parts;
  }

  /** The report of one example, from the same explanation that the window shows. */
  async build(
    run: RegisteredRun,
    request: ExplainRequest,
    signal: AbortSignal,
  ): Promise<ReportModel> {
    const { compute, views, describeSystem } = this.#parts;
    const [detail, explanation, system] = await Promise.all([
      views.detail(run),
      compute.call('explain.example', { folder: run.folder, request }, { signal }),
      describeSystem(),
    ]);
    const createdAt = new Date().toISOString();
    const report = buildReport({ run: detail, explanation, request, system, createdAt });
    const examples = picturesOf(report);
    const cells = await compute.call('examples.cells', { folder: run.folder, examples });
    return withRows(report, cells);
  }

  /** Asks where to, prints, and gives the file's name; null when the auditor cancels. */
  async export(
    run: RegisteredRun,
    request: ExplainRequest,
    signal: AbortSignal,
  ): Promise<string | null> {
    const { split, index } = request;
    const file = await this.#parts.chooseFile(`${basename(run.folder)}-${split}-${index}`);
    if (file === null) return null;
    const model = await this.build(run, request, signal);
    await this.#parts.print({ model, pictures: await this.#pictures(run, model) }, file);
    return basename(file);
  }

  async #pictures(run: RegisteredRun, model: ReportModel): Promise<Record<string, string>> {
    const pictured = picturesOf(model).filter((example) => !model.rows[pictureKey(example)]);
    const entries = pictured.map(async (example): Promise<[string, string]> => {
      const png = await this.#parts.picture(run.folder, example.split, example.index);
      return [pictureKey(example), png.toString('base64')];
    });
    return Object.fromEntries(await Promise.all(entries));
  }
}
