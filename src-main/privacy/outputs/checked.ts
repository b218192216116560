import { outputWords, uncheckedReason } from '../../../src-shared/privacy/output-words';
import type {
  OutputCheck,
  OutputContents,
  OutputKind,
  OutputOf,
} from '../../../src-shared/privacy/release';
import { rules, ruleWords } from '../../../src-shared/privacy/rules';
import type { Publisher } from '../publisher';

/** The content of an output, and of how many classes or layers something is left in it. */
export interface Published<Kind extends OutputKind> {
  readonly content: OutputContents[Kind];
  readonly groups: number;
  /** Why there is nothing of it, where that is not for a rule. */
  readonly unavailable?: string;
}

/** An output with what the rules say of it. */
export function checkedOutput<Kind extends OutputKind>(
  kind: Kind,
  { content, groups, unavailable }: Published<Kind>,
  publisher: Publisher,
  split: 'train' | 'test',
): OutputOf<Kind> {
  const check =
    unavailable === undefined
      ? checkOf(publisher, groups, split)
      : ({ ...nothing, state: 'fail', reason: unavailable } as const);
  return { kind, ...outputWords[kind], check, content };
}

/** An output that no rule could be run on: nothing of it may be shown. */
export function uncheckedOutput<Kind extends OutputKind>(kind: Kind): OutputOf<Kind> {
  const check: OutputCheck = {
    ...{ ...nothing, state: 'fail' },
    reason: uncheckedReason,
    fix: 'Check again; where it fails once more, leave it out.',
  };
  return { kind, ...outputWords[kind], check, content: emptyContents[kind] };
}

export const emptyContents: OutputContents = {
  accuracy: { overall: { suppressed: 'minimum-examples' }, classes: [] },
  confusion: { counts: [] },
  'class-shares': { unit: 'update', layers: [] },
  specificity: { unit: 'update', over: 'steps', permutations: 0, level: 0, layers: [] },
  'cos-histograms': { unit: 'update', layers: [] },
  timeline: { unit: 'update', layers: [] },
  certificate: { layers: [] },
};

const nothing = { rule: null, fix: '', cells: 0, suppressed: [] } as const;

function checkOf(publisher: Publisher, groups: number, split: 'train' | 'test'): OutputCheck {
  const { cells, thresholds } = publisher;
  const suppressed = publisher.suppressed.sort((a, b) => b.cells - a.cells);
  const [most] = suppressed;
  const kept = suppressed.reduce((sum, each) => sum + each.cells, 0);
  const base = { cells, suppressed };
  if (cells === 0 || kept === cells) {
    const rule = most?.rule ?? 'minimum-examples';
    const reason = `Nothing is left of it. ${ruleWords(rule, thresholds)}`;
    return { ...base, state: 'fail', rule, reason, fix: rules[rule].fix };
  }
  const part = most
    ? `${kept} of ${cells} numbers are kept back.`
    : 'Every number keeps every rule.';
  const rest = { rule: most?.rule ?? null, fix: most ? rules[most.rule].fix : '' };
  if (split === 'train') {
    const reason = `${part} The run has no test examples: the numbers are of examples that it was trained on.`;
    return { ...base, ...rest, state: 'review', reason };
  }
  if (groups < 2) {
    const reason = `${part} What is left speaks of a single class.`;
    return { ...base, ...rest, state: 'review', reason };
  }
  return { ...base, ...rest, state: 'pass', reason: part };
}
