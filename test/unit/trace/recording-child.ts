import { writeSync } from 'node:fs';
import { ThreadedWriter } from '../../../src-main/trace/threaded-writer';
import { startWriter } from '../../../src-main/worker/start-writer';
import { small, stateAfter, stepRecord } from './fixtures';

/**
 * Goes on with the run in the folder given and records as fast as it can, without ever waiting for a
 * commit; tells each acknowledged number of steps on a line. It is ended from outside.
 */
const [folder = '', end = '0'] = process.argv.slice(2);

const writer = await ThreadedWriter.open(startWriter(), folder, small);
for (let step = writer.resume.committedSteps; step < Number(end); step += 1) {
  await writer.append(stepRecord(step));
  // A training lets messages in between two steps.
  await new Promise((resolve) => setImmediate(resolve));
  if (!writer.commitDue) continue;
  const steps = step + 1;
  writer.commit(stateAfter(steps)).then(() => writeSync(1, `${steps}\n`));
}
await writer.finish(stateAfter(Number(end)));
writeSync(1, `${end}\n`);
await writer.close();
