import { writeSync } from 'node:fs';
import { ThreadedWriter } from '../../../src-main/trace/threaded-writer';
import { startWriter } from '../../../src-main/worker/start-writer';
import { small, stateAfter, stepRecord } from './fixtures';

/**
 * Goes on with the run in the folder given and records as fast as it can, without ever waiting for a
 * commit; tells each acknowledged number of steps on a line. It is ended from outside, or by an error,
 * which it tells on standard error.
 */
const [folder = '', end = '0'] = process.argv.slice(2);

async function recordTo(steps: number): Promise<void> {
  const writer = await ThreadedWriter.open(startWriter(), folder, small);
  try {
    for (let step = writer.resume.committedSteps; step < steps; step += 1) {
      await writer.append(stepRecord(step));
      // A training lets messages in between two steps.
      await new Promise((resolve) => setImmediate(resolve));
      if (!writer.commitDue) continue;
      writer.commit(stateAfter(step + 1)).then(
        () => writeSync(1, `${step + 1}\n`),
        () => undefined,
      );
    }
    await writer.finish(stateAfter(steps));
    writeSync(1, `${steps}\n`);
  } finally {
    await writer.close();
  }
}

await recordTo(Number(end)).catch((error: Error) => {
  writeSync(2, error.message);
  process.exitCode = 1;
});
