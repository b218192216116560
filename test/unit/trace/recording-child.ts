import { writeSync } from 'node:fs';
import { TraceWriter } from '../../../src-main/trace/trace-writer';
import { small, stateAfter, stepRecord } from './fixtures';

/**
 * Goes on with the run in the folder given and records as fast as it can, without ever waiting for a
 * commit; tells each acknowledged number of steps on a line. It is ended from outside.
 */
const [folder = '', end = '0'] = process.argv.slice(2);

const writer = await TraceWriter.open(folder, small);
for (let step = writer.resume.committedSteps; step < Number(end); step += 1) {
  await writer.append(stepRecord(step));
  if (!writer.commitDue) continue;
  const steps = step + 1;
  writer.commit(stateAfter(steps)).then(() => writeSync(1, `${steps}\n`));
}
await writer.finish(stateAfter(Number(end)));
writeSync(1, `${end}\n`);
await writer.close();
