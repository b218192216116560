import type { LayerDetail, RunDetail } from '../../../src-shared/contract/views';
import { formatCount } from '../../../src-shared/format/numbers';
import { runMark } from '../../../src-shared/report/run-mark';
import type { FigureSource } from '../../charts/chart-spec';

/** What stands under the figures of an explanation: the run, and the steps behind the numbers. */
export function figureSource(run: RunDetail, { range, steps }: LayerDetail): FigureSource {
  const [from, to] = [range.from, range.to].map(formatCount);
  const n = range.to - range.from === steps ? `${to} steps` : `steps ${from} to ${to}`;
  return { run: runMark(run), n };
}
