import { targetName } from '../explanation/explanation';
import { type ReportCase, shownExamples } from './report-case';
import type { ReportCommand } from './report-model';
import type { ReportSource } from './report-source';

/** The commands that give every number of a report again, from a checkout of the same version. */
export function commandsOf(source: ReportSource, cases: readonly ReportCase[]): ReportCommand[] {
  const { run, request } = source;
  const { kind, unit, sample, target } = request;
  const examples = (list: readonly ReportCase[]) =>
    list.map(({ example }) => `${example.split}:${example.index}`).join(' ');
  const comparison = source.architecture?.comparison ?? null;
  const commands: ReportCommand[] = [];
  const add = (gives: string, words: string) =>
    commands.push({ gives, command: `npm run --silent deltascope -- ${words}` });
  const whole = cases.filter(({ layers }) => layers.length > 0);
  if (whole.length > 0) {
    add(
      'Shares, γ, cos and examples of every layer, as JSON',
      `explain ${run.name} --example ${examples(whole)} --layer all --target ${targetName(target)} --unit ${unit} --top ${shownExamples} --json -`,
    );
  }
  for (const [name, list] of byMargin(cases)) {
    const [first] = list;
    add(
      `Score “${first?.margin?.names[0]}” minus score “${first?.margin?.names[1]}”, as JSON`,
      `explain ${run.name} --example ${examples(list)} --layer ${first?.margin?.layer.name} --target ${name} --unit ${unit} --top ${shownExamples} --json -`,
    );
  }
  if (kind === 'run') {
    add('Certificates, and the checksum of every block', `verify ${run.name} --json -`);
  }
  if (sample !== null) {
    add(
      'Specificity, bands and flags, as JSON',
      `architecture ${run.name} --examples ${sample} --json -`,
    );
    const without = comparison?.without ?? [];
    if (without.length > 0) {
      add(
        'The network without those layers, and the comparison',
        `architecture ${run.name} --examples ${sample} --retrain INTO --without ${without.join(' ')} --json -`,
      );
    }
  }
  const question = [
    ...(kind === 'explanation' ? [`--example ${examples(cases)}`] : [`--kind ${kind}`]),
    ...(kind === 'explanation' ? [`--target ${targetName(target)} --unit ${unit}`] : []),
    ...(sample === null ? [] : [`--examples ${sample}`]),
    ...(comparison ? [`--compare ${comparison.second.run}`] : []),
    ...(comparison?.spread ? [`--seeds ${comparison.spread.seeds.length}`] : []),
  ];
  add('This report', `report ${run.name} ${question.join(' ')} --pdf report.pdf`);
  return commands;
}

function byMargin(cases: readonly ReportCase[]): Map<string, ReportCase[]> {
  const found = new Map<string, ReportCase[]>();
  for (const each of cases) {
    if (!each.margin) continue;
    const name = targetName({ kind: 'margin', over: each.margin.over });
    found.set(name, [...(found.get(name) ?? []), each]);
  }
  return found;
}
