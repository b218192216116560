import type { CallContext } from '../../../src-shared/contract/rpc';
import { exampleFilters } from '../../../src-shared/contract/views';
import { examplesPage } from '../../worker/examples-job';
import { openRun } from '../../worker/open-run';
import { oneOf, onePositional, optionValue, readArguments } from '../arguments';
import { callerPath, writeJson } from '../output';

/** `examples DIR [--split …] [--filter …] [--json FILE]`: what the final network says of them. */
export async function examplesCommand(
  words: readonly string[],
  { signal }: CallContext,
): Promise<void> {
  const given = readArguments(words, { '--split': 'one', '--filter': 'one', '--json': 'one' });
  const folder = callerPath(onePositional(given, 'the run folder'));
  const split = oneOf(given, '--split', ['test', 'train'] as const) ?? 'test';
  const filter = oneOf(given, '--filter', exampleFilters) ?? 'misclassified';
  const out = optionValue(given, '--json');
  const run = await openRun(folder);
  try {
    const any = { label: null, predicted: null };
    const all = { split, filter, ...any, offset: 0, count: Number.MAX_SAFE_INTEGER };
    const { tiles } = await examplesPage(run, all, signal);
    const originOf = (index: number) => run.data[split].origin(index);
    if (out !== undefined) {
      await writeJson(
        out,
        tiles.map((tile) => ({ ...tile, origin: originOf(tile.index) })),
      );
      return;
    }
    const names = run.data.classNames;
    for (const { index, label, predicted, confidence } of tiles) {
      const verdict = `${names[predicted]} with ${(100 * confidence).toFixed(1)} %`;
      const origin = originOf(index);
      const from = origin === null ? '' : ` (${origin})`;
      process.stdout.write(
        `${split}:${index}${from}  labelled ${names[label]}, predicted ${verdict}\n`,
      );
    }
  } finally {
    run.close();
  }
}
