import type { CallContext } from '../../src-shared/contract/rpc';
import type { ExplainRequest } from '../../src-shared/contract/views';
import { buildReport } from '../../src-shared/report/build-report';
import {
  type PrintJob,
  pictureKey,
  picturesOf,
  withRows,
} from '../../src-shared/report/report-model';
import { encodePng } from '../data/png';
import { explainExample } from './explain-job';
import type { OpenRun } from './open-run';
import { describeRun } from './run-detail';
import { systemChecks } from './system-checks';
import { productVersion } from './versions';

/** The explanation report of one example, complete with its pictures, ready to be printed. */
export async function reportJob(
  run: OpenRun,
  request: ExplainRequest,
  context: CallContext,
): Promise<PrintJob> {
  const report = buildReport({
    run: await describeRun(run.folder),
    explanation: await explainExample(run, request, context),
    request,
    system: { version: productVersion(), checks: await systemChecks() },
    createdAt: new Date().toISOString(),
  });
  const cells = picturesOf(report).map(({ split, index }) => run.data[split].cells(index));
  const model = withRows(report, cells);
  const pictures: Record<string, string> = {};
  for (const example of picturesOf(model)) {
    const picture = await run.data[example.split].thumbnail(example.index);
    if (picture) pictures[pictureKey(example)] = Buffer.from(encodePng(picture)).toString('base64');
  }
  return { model, pictures };
}
