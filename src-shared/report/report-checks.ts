import { formatCount, formatPercent, formatResidual } from '../format/numbers';
import { storesUpdates } from '../recipe/optimizer-spec';
import { completenessLimit } from './layer-parts';
import type { ReportCase } from './report-case';
import type { ReportArchitecture, ReportCheck, ReportTraining } from './report-model';
import type { ReportSource } from './report-source';
import { type ReportStatement, unsaid } from './statement';

interface Certificate {
  readonly name: string;
  readonly residual: number;
  readonly residualLimit: number;
  readonly complete: boolean;
}

/** The certificates that a report holds, the worst of each layer over its cases. */
export function certificatesOf(
  cases: readonly ReportCase[],
  training: ReportTraining | null,
): Certificate[] {
  const worst = new Map<string, Certificate>();
  const all = [
    ...(training?.certificates ?? []),
    ...cases.flatMap(({ layers, margin }) => (margin ? [...layers, margin.layer] : layers)),
  ];
  for (const { name, residual, residualLimit, complete } of all) {
    const before = worst.get(name);
    if (before && before.residual >= residual) continue;
    worst.set(name, { name, residual, residualLimit, complete });
  }
  return [...worst.values()];
}

/** Every check with what was found and the limit fixed before. */
export function checksOf(
  { run, hashes }: ReportSource,
  certificates: readonly Certificate[],
): ReportCheck[] {
  return [
    {
      name: 'All planned steps are recorded',
      found: formatCount(run.steps),
      limit: formatCount(run.stepsPlanned),
      ok: run.steps === run.stepsPlanned && run.state === 'finished',
    },
    {
      name: 'The data are those of the training (SHA-256)',
      found: run.fingerprint === '' ? 'not recorded' : 'the same',
      limit: 'the same',
      ok: run.fingerprint !== '',
    },
    {
      name: 'Files of the run are there and readable',
      found: formatCount(hashes.files),
      limit: 'all',
      ok: true,
    },
    ...certificates.map(({ name, residual, residualLimit, complete }) => ({
      name: `Certificate of ${name}: residual`,
      found: formatResidual(residual),
      limit: formatResidual(residualLimit),
      ok: complete,
    })),
  ];
}

/** What narrows this report's numbers, beside what the method never claims. */
export function limitsOf(
  { run, request }: ReportSource,
  cases: readonly ReportCase[],
  architecture: ReportArchitecture | null,
  certificates: readonly Certificate[],
): string[] {
  const { recipe } = run;
  const limits: string[] = [];
  const lossy = certificates.filter(({ residualLimit }) => residualLimit > completenessLimit);
  if (lossy.length > 0) {
    const worst = Math.max(...lossy.map(({ residualLimit }) => residualLimit));
    limits.push(
      `The updates of ${lossy.map(({ name }) => name).join(', ')} are stored with loss: γ there may be off by up to ${formatPercent(worst, 2)} of the signal.`,
    );
  }
  const unrecorded = run.layers.filter((layer) => layer.unrecorded).map(({ name }) => name);
  if (unrecorded.length > 0) {
    const output = run.layers.at(-1)?.unrecorded === true;
    limits.push(
      `Of ${unrecorded.join(', ')} no update was recorded: nothing is said of ${unrecorded.length > 1 ? 'them' : 'it'}${output ? ', and no scores of two classes are compared' : ''}.`,
    );
  }
  if (storesUpdates(recipe.optimizer)) {
    limits.push(
      'This optimizer’s updates are recorded as they were applied; what an update carries on from earlier steps counts for the step that applied it.',
    );
  }
  const layers = cases.flatMap((each) => each.layers);
  if (layers.some(({ exampleSplit }) => exampleSplit === 'equal')) {
    limits.push(
      'The γ of a training example is its equal part of each step’s γ: which example of a step did what was not recorded.',
    );
  }
  if (recipe.recording === 'class-batches' && recipe.ghostGradient === 'flow') {
    limits.push(
      'Part of each gradient flowed through the batch statistics of the ghost samples. It is counted as ghost share and for no class.',
    );
  }
  if (request.kind === 'explanation') {
    limits.push(
      `${cases.length === 1 ? 'One example was' : `${formatCount(cases.length)} examples were`} chosen by whoever asked; nothing here is an estimate over other inputs.`,
    );
  }
  if (architecture) {
    limits.push(
      `The map is of ${architecture.analysis.examples.length} ${architecture.analysis.split} examples, drawn with seed ${architecture.analysis.seed}. A flag is a hint; only training again tests it.`,
    );
    if (architecture.comparison && !architecture.comparison.spread) {
      limits.push('Each network was trained once: other seeds are not in the difference.');
    }
  }
  limits.push(
    `One training is described, of seed ${recipe.seed}. Another seed, another order of the examples or another machine gives another network.`,
  );
  return limits;
}

/** What a reader may expect of a report's numbers and does not find here. */
export function lacksOf({ run, request, cases }: ReportSource): string[] {
  const lacks: string[] = [];
  if (request.kind === 'explanation' && cases.length === 0) lacks.push('cases');
  if (run.fingerprint === '') lacks.push('the fingerprint of the data');
  if (run.testAccuracy === null) lacks.push('the accuracy on test examples');
  return lacks;
}

/** What of the words is still to be written; they have to answer for checks that failed. */
export function unwritten(statement: ReportStatement, checks: readonly ReportCheck[]): string[] {
  const answered = checks.every(({ ok }) => ok) || statement.deviations.trim() !== '';
  return [
    ...unsaid(statement),
    ...(answered ? [] : ['a word on the checks that failed, under deviations']),
  ];
}
