import type { ExplanationUnit } from '../../../src-shared/explanation/explanation';
import {
  type CosHistogram,
  isSuppressed,
  type ReleasedNumber,
  type ShareRow,
} from '../../../src-shared/privacy/release';
import { fixedEdges, type RuleId, roundedCount } from '../../../src-shared/privacy/rules';
import {
  type ExampleParts,
  type InfluenceCell,
  type InfluenceLayer,
  type InfluenceTally,
  trainedByBin,
  trainedByClass,
  trainedContributions,
} from '../influence-tally';
import type { Publisher } from '../publisher';
import { suppressLine } from '../suppression';
import type { Published } from './checked';

/** Mean shares of each layer over the examples predicted as one class: a row adds up to 1. */
export function classShareOutput(
  tally: InfluenceTally,
  unit: ExplanationUnit,
  publisher: Publisher,
): Published<'class-shares'> {
  const { participants } = tally.training;
  const trained = trainedByClass(participants);
  const layers = tally.layers.map(({ name, cells }) => ({
    layer: name,
    rows: [...cells.values()].sort(byClass).map((cell) => shareRow(cell)),
  }));
  const shown = new Set(
    layers.flatMap(({ rows }) => rows.filter(hasNumber).map(({ predicted }) => predicted)),
  );
  return { content: { unit, layers }, groups: shown.size };

  function shareRow(cell: InfluenceCell): ShareRow {
    const { predicted, examples } = cell;
    const asked = examples.length;
    const byTrained = trainedContributions(participants, cell);
    // Initialization and ghosts first, then the classes: all cells of the line.
    const columns = [
      examples.map((each) => each.initialization),
      examples.map((each) => each.ghost),
      ...Array.from(trained, (_, label) => examples.map(({ shares }) => shares[label] as number)),
    ];
    const broken = columns.map((values, at): RuleId | null => {
      const label = at - 2;
      // A part that is nought for every example tells of none.
      if (label < 0 && values.every((value) => value === 0)) return null;
      if (label < 0) return publisher.broken({ asked, contributions: [values] });
      return publisher.broken({
        asked,
        trained: trained[label] as number,
        contributions: [values, byTrained[label] ?? []],
      });
    });
    const kept = suppressLine(
      {
        broken,
        size: columns.map((_, at) =>
          at < 2 ? participants.labels.length : (trained[at - 2] as number),
        ),
        behind: (hidden) =>
          Math.min(
            asked,
            hidden.reduce(
              (sum, is, at) => sum + (is && at >= 2 ? (trained[at - 2] as number) : 0),
              0,
            ),
          ),
      },
      publisher.thresholds,
    );
    const [initialization, ghost, ...shares] = columns.map((values, at) =>
      meanOf(values, kept[at] ?? null, publisher),
    );
    return {
      predicted,
      examples: roundedCount(asked),
      initialization: initialization as ReleasedNumber,
      ghost: ghost as ReleasedNumber,
      shares,
    };
  }
}

function hasNumber({ initialization, ghost, shares }: ShareRow): boolean {
  return [initialization, ghost, ...shares].some((cell) => typeof cell === 'number');
}

/** A mean of shares over the examples asked; under noise each counts from −1 to 1 at most. */
function meanOf(
  values: readonly number[],
  rule: RuleId | null,
  publisher: Publisher,
): ReleasedNumber {
  const [low, high] = [-1, 1];
  const sum = values.reduce((total, value) => total + publisher.clipped(value, low, high), 0);
  return publisher.mean(sum / values.length, (high - low) / values.length, rule);
}

/** Histograms of cos_t by layer and predicted class, over edges that are the same for all data. */
export function cosHistogramOutput(
  tally: InfluenceTally,
  unit: ExplanationUnit,
  publisher: Publisher,
): Published<'cos-histograms'> {
  const mixed = tally.training.stepLabels.some((label) => label < 0);
  const layers = tally.layers.map(({ name, cells }) => ({
    layer: name,
    histograms: [...cells.values()].sort(byClass).flatMap((cell): CosHistogram[] => {
      if (cell.bins === 0) return [];
      const edges = fixedEdges(cell.bins);
      const { predicted } = cell;
      const one = (steps: CosHistogram['steps'], side: 'own' | 'other'): CosHistogram => ({
        ...{ predicted, steps, edges },
        shares: histogramShares(tally, cell, side, publisher),
      });
      return mixed ? [one('all', 'own')] : [one('own', 'own'), one('other', 'other')];
    }),
  }));
  const shown = layers.flatMap(({ histograms }) =>
    histograms
      .filter(({ shares }) => shares.some((share) => typeof share === 'number'))
      .map(({ predicted }) => predicted),
  );
  return { content: { unit, layers }, groups: new Set(shown).size };
}

/**
 * A bin is shown where enough examples asked and trained on fall into it. What is shown adds up to 1
 * whatever is kept back, so that nothing has to be kept back besides.
 */
function histogramShares(
  tally: InfluenceTally,
  cell: InfluenceCell,
  side: 'own' | 'other',
  publisher: Publisher,
): ReleasedNumber[] {
  const trained = trainedByBin(tally.training, cell, side);
  const bins = Array.from({ length: cell.bins }, (_, bin) =>
    cell.examples.map((each) => each[side][bin] as number),
  );
  const broken = bins.map((pairs, bin) =>
    publisher.broken({
      asked: pairs.filter((count) => count > 0).length,
      trained: trained[bin] as number,
      contributions: [pairs],
    }),
  );
  const counts = bins.map((pairs) => pairs.reduce((sum, count) => sum + count, 0));
  // One example more is as many pairs more as there are steps.
  const steps = cell.examples[0]?.[side].reduce((sum, count) => sum + count, 0) ?? 0;
  return publisher.shares(counts, steps, broken);
}

/**
 * How much of each layer's signal is there after each epoch, over all examples asked.
 *
 * @param shares what is published by class: the initialization's mean over all classes is kept back
 *   where that of one class is; null: that could not be worked out
 * @throws where it could not, as it would not be known then what has to be kept back
 */
export function timelineOutput(
  tally: InfluenceTally,
  unit: ExplanationUnit,
  shares: Published<'class-shares'> | null,
  publisher: Publisher,
): Published<'timeline'> {
  if (shares === null) throw new Error('the class shares are not known');
  const hidden = new Set(
    shares.content.layers
      .filter(({ rows }) => rows.some(({ initialization }) => isSuppressed(initialization)))
      .map(({ layer }) => layer),
  );
  const trained = tally.training.participants.labels.length;
  const layers = tally.layers.map((layer) => {
    const examples = allExamples(layer);
    const asked = examples.length;
    const published = (values: readonly number[], hide = false): ReleasedNumber => {
      const [low, high] = [-1, 2];
      const zero = values.every((value) => value === 0);
      const own = zero ? null : publisher.broken({ asked, trained, contributions: [values] });
      const rule = own ?? (hide ? 'complementary' : null);
      const sum = values.reduce((total, value) => total + publisher.clipped(value, low, high), 0);
      return publisher.mean(sum / asked, (high - low) / asked, rule);
    };
    return {
      layer: layer.name,
      initialization: published(
        examples.map((each) => each.initialization),
        hidden.has(layer.name),
      ),
      epochs: Array.from(examples[0]?.reached ?? [], (_, at) => ({
        epoch: at + 1,
        reached: published(examples.map(({ reached }) => reached[at] as number)),
      })),
    };
  });
  return { content: { unit, layers }, groups: tally.asked.size };
}

/** How exact the bookkeeping is: it says something of the arithmetic and gets no noise. */
export function certificateOutput(
  tally: InfluenceTally,
  publisher: Publisher,
): Published<'certificate'> {
  const layers = tally.layers.map((layer) => {
    const residuals = allExamples(layer).map(({ residual }) => residual);
    const mean = residuals.reduce((sum, value) => sum + value, 0) / residuals.length;
    const rule = publisher.broken({ asked: residuals.length });
    return {
      layer: layer.name,
      residual: rule === null ? publisher.seen(roundedUp(mean)) : publisher.suppress(rule),
      errorBound: roundedUp(layer.errorBound),
    };
  });
  return { content: { layers }, groups: tally.asked.size };
}

/** To one digit, upward; 0 stays 0. */
function roundedUp(value: number): number {
  if (!(value > 0)) return 0;
  const unit = 10 ** Math.floor(Math.log10(value));
  return Number((Math.ceil(value / unit - 1e-9) * unit).toPrecision(1));
}

function allExamples({ cells }: InfluenceLayer): ExampleParts[] {
  return [...cells.values()].flatMap(({ examples }) => examples);
}

function byClass(a: InfluenceCell, b: InfluenceCell): number {
  return a.predicted - b.predicted;
}
