import type { LayerFlag } from '../architecture/architecture';
import type { ArchitectureComparison } from '../architecture/comparison';
import { differenceInWords } from '../architecture/comparison-rows';
import { formatCount, formatFixed, formatPercent, formatResidual } from '../format/numbers';
import type { ReportCase, ReportLayer } from './report-case';
import type { ReportArchitecture, ReportTraining } from './report-model';
import type { ReportSource } from './report-source';

/** What a report found, before anybody reads on: its numbers in sentences. */
export function summaryOf(
  { run }: ReportSource,
  cases: readonly ReportCase[],
  training: ReportTraining | null,
  architecture: ReportArchitecture | null,
): string[] {
  if (training) return trainingSentences(run, training);
  const ofLayers = architecture ? architectureSentences(architecture) : [];
  if (cases.length === 0) return ofLayers;
  const layers = cases.flatMap(({ layers: own, margin }) => [
    ...own,
    ...(margin && own.length === 0 ? [margin.layer] : []),
  ]);
  const names = new Set(layers.map(({ name }) => name));
  const count = names.size === 1 ? 'one layer is' : `${names.size} layers are`;
  const [only] = cases;
  return [
    ...(cases.length === 1 && only ? [verdictOf(only)] : overall(cases)),
    `All ${formatCount(run.steps)} update steps of the training were recorded, and ${count} taken apart here. ${certificateWords(layers)}`,
    ...(cases.length === 1 && only ? strongestClass(only) : []),
    ...ofLayers,
  ];
}

function verdictOf({ example }: ReportCase): string {
  const probability = formatPercent(example.probabilities[0]?.value ?? 0);
  const verdict = example.misclassified
    ? `Its label is “${example.labelName}”: the prediction is wrong.`
    : 'This is its label.';
  return `The network says “${example.predictedName}” of ${example.split} example ${example.index} with probability ${probability}. ${verdict}`;
}

function overall(cases: readonly ReportCase[]): string[] {
  const wrong = cases.filter(({ example }) => example.misclassified).length;
  const verdict =
    wrong === 0
      ? 'The network predicts all of them rightly.'
      : `The network predicts ${wrong === cases.length ? 'all' : formatCount(wrong)} of them wrongly.`;
  return [`${formatCount(cases.length)} examples are explained. ${verdict}`];
}

/** Whether the bookkeeping of layers adds up, in a sentence. */
function certificateWords(
  layers: readonly Pick<ReportLayer, 'name' | 'residual' | 'complete'>[],
): string {
  const incomplete = [
    ...new Set(layers.filter(({ complete }) => !complete).map(({ name }) => name)),
  ];
  const largest = Math.max(0, ...layers.map(({ residual }) => residual));
  return incomplete.length === 0
    ? `Every layer explained is complete: the largest residual is ${formatResidual(largest)}.`
    : `Not complete in ${incomplete.join(', ')}: read those layers with the residual in mind.`;
}

function strongestClass({ example, layers, margin }: ReportCase): string[] {
  const sentences: string[] = [];
  const last = layers.at(-1);
  const strongest = largestShare(last);
  if (last && strongest) {
    const own = last.parts.find(({ label }) => label === example.predicted);
    const other =
      own && own !== strongest ? `, of “${own.name}” itself ${formatPercent(own.share)}` : '';
    sentences.push(
      `At ${last.name} the largest share of a class is that of “${strongest.name}”: ${formatPercent(strongest.share)}${other}.`,
    );
  }
  const most = largestShare(margin?.layer);
  if (margin && most) {
    const [a, b] = margin.names;
    sentences.push(
      `Of score “${a}” minus score “${b}”, ${formatFixed(margin.total, 2)}, the largest share of a class is that of “${most.name}”: ${formatPercent(most.share)}.`,
    );
  }
  return sentences;
}

function largestShare(layer: ReportLayer | undefined) {
  return [...(layer?.parts ?? [])]
    .filter(({ kind }) => kind === 'class')
    .sort((a, b) => b.share - a.share)[0];
}

function trainingSentences(run: ReportSource['run'], { certificates }: ReportTraining): string[] {
  const accuracy =
    run.testAccuracy === null
      ? 'Its accuracy on test examples was not measured.'
      : `It predicts ${formatPercent(run.testAccuracy)} of ${formatCount(run.examples.test)} test examples rightly.`;
  return [
    `${run.name} is a training of ${run.model} on ${run.data}, ${run.state}. ${accuracy}`,
    `${formatCount(run.steps)} of ${formatCount(run.stepsPlanned)} update steps are recorded at ${certificates.length === 1 ? 'one layer' : `${certificates.length} layers`}. ${certificateWords(certificates)}`,
  ];
}

function architectureSentences({ analysis, comparison }: ReportArchitecture): string[] {
  const flagged = (flag: LayerFlag) =>
    analysis.layers.filter((layer) => layer.flag === flag).map(({ name }) => name);
  const told = (names: readonly string[], what: string) =>
    `${names.length === 0 ? 'No layer' : names.join(', ')} ${names.length > 1 ? 'are' : 'is'} flagged ${what}.`;
  const frozen = flagged('frozen');
  const unrecorded = flagged('unrecorded');
  const sentences = [
    `${analysis.examples.length} ${analysis.split} examples were asked about at ${analysis.layers.length - unrecorded.length} layers.`,
    analysis.unavailable ??
      `${told(flagged('separated'), 'separated')} ${told(flagged('uniform'), 'uniform')}`,
    ...(frozen.length === 0
      ? []
      : [
          `${frozen.join(', ')} ${frozen.length > 1 ? 'were' : 'was'} frozen: nothing of ${frozen.length > 1 ? 'them' : 'it'} was trained.`,
        ]),
    ...(unrecorded.length === 0
      ? []
      : [
          `${unrecorded.join(', ')} ${unrecorded.length > 1 ? 'were' : 'was'} not recorded: nothing can be said of ${unrecorded.length > 1 ? 'them' : 'it'}.`,
        ]),
  ];
  const difference = comparison?.accuracyDifference;
  if (comparison && difference) {
    sentences.push(
      `${otherWords(comparison)}, accuracy differs by ${differenceInWords(difference)}.`,
    );
  }
  return sentences;
}

/** How the second of two runs came about. */
function otherWords({ without, second }: ArchitectureComparison): string {
  return without.length > 0
    ? `Trained again without ${without.join(', ')}`
    : `In run ${second.run}`;
}
