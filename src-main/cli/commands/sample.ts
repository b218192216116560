import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallContext } from '../../../src-shared/contract/rpc';
import { DeltascopeError } from '../../../src-shared/errors';
import { sampleRecipe } from '../../../src-shared/recipe/sample';
import { explanationOf } from '../../../src-shared/report/report-request';
import { emptyStatement } from '../../../src-shared/report/statement';
import { examplesPage } from '../../worker/examples-job';
import { openRun } from '../../worker/open-run';
import { record } from '../../worker/record-job';
import { reportJob } from '../../worker/report-job';
import { readArguments, requiredValue } from '../arguments';
import { runApplication } from '../electron';
import { callerPath, say } from '../output';
import { printReports } from '../print-reports';
import { UsageError } from '../usage';

/**
 * `sample --into DIR`: the sample audit without a window. Records LeNet on MNIST, explains the test
 * image that the network is most wrong about, and leaves a PDF and a picture of every view.
 */
export async function sampleCommand(words: readonly string[], context: CallContext): Promise<void> {
  const given = readArguments(words, { '--into': 'one' });
  if (given.positional.length > 0)
    throw new UsageError(`'${given.positional[0]}' is one word too many`);
  const folder = callerPath(requiredValue(given, '--into'));
  await mkdir(folder, { recursive: true });
  const runFolder = join(folder, 'sample-audit');
  const { finished } = await record(
    { recipe: sampleRecipe, folder: runFolder, bases: [] },
    context,
  );
  if (!finished) throw new DeltascopeError('cancelled', 'cli', 'Interrupted.');
  const pdf = join(folder, 'report.pdf');
  const run = await openRun(runFolder);
  try {
    const wrong = { filter: 'misclassified', label: null, predicted: null } as const;
    const all = { split: 'test', ...wrong, offset: 0, count: 10_000 } as const;
    const { tiles } = await examplesPage(run, all, context.signal);
    const [worst] = [...tiles].sort((a, b) => b.confidence - a.confidence);
    if (!worst)
      throw new DeltascopeError('internal', 'cli', 'The sample network makes no mistake.');
    const names = run.data.classNames;
    say(
      `explaining test image ${worst.index}, a ${names[worst.label]} that it takes for a ${names[worst.predicted]}`,
    );
    const question = explanationOf([{ split: 'test', index: worst.index }]);
    const job = reportJob(
      run,
      question,
      { statement: emptyStatement, scorecard: null, other: null, seeds: 1 },
      context,
    );
    await printReports([job], [pdf], runFolder, context.signal);
  } finally {
    run.close();
  }
  say('taking pictures of the views');
  const pictures = join(folder, 'pictures');
  await runApplication(['--capture', runFolder, '--into', pictures], context.signal);
  process.stdout.write(`report:   ${pdf}\npictures: ${pictures}\nrun:      ${runFolder}\n`);
}
