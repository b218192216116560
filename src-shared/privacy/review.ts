import type { OutputKind, Release, ReleaseOutput } from './release';

/**
 * The way to a release: outputs are checked, each is approved or rejected, and what is approved is
 * frozen. One release a run; afterwards it is only copied.
 */
export type ReleaseState =
  | { readonly kind: 'unchecked'; readonly policy: RunPolicy }
  | { readonly kind: 'draft'; readonly policy: RunPolicy; readonly draft: ReleaseDraft }
  | {
      readonly kind: 'released';
      readonly policy: RunPolicy;
      readonly release: Release;
      /** Of the file, as hex. */
      readonly sha256: string;
    };

/** What may be chosen; there are no filters. */
export interface ReleaseSettings {
  /** Examples behind every number, at least. */
  readonly atLeast: number;
  /** ε of Laplace noise on every number; null: none. */
  readonly epsilon: number | null;
  /** Examples to explain; null: 30 of each predicted class. */
  readonly examples: number | null;
}

/** Checked outputs that wait for decisions. */
export interface ReleaseDraft {
  /** ISO 8601, UTC. */
  readonly checkedAt: string;
  readonly settings: ReleaseSettings;
  readonly classNames: readonly string[];
  readonly outputs: readonly ReleaseOutput[];
  readonly decisions: readonly OutputDecision[];
}

/** Names are declared, not authenticated. */
export interface OutputDecision {
  readonly output: OutputKind;
  readonly approved: boolean;
  /** Needed to reject, and to approve what is to be reviewed. */
  readonly reason: string;
}

/** What stands in the way of freezing, as sentences; none: it can be done. */
export function obstacles(
  { outputs, decisions }: ReleaseDraft,
  { author, checker, comment }: { author: string; checker: string; comment: string },
): string[] {
  const undecided = outputs.filter(
    ({ kind, check }) => check.state !== 'fail' && !decisions.some(({ output }) => output === kind),
  );
  const approved = decisions.filter((each) => each.approved);
  return [
    ...(undecided.length > 0
      ? [`Undecided: ${undecided.map(({ title }) => title).join(', ')}.`]
      : []),
    ...(undecided.length === 0 && approved.length === 0 ? ['Nothing is approved.'] : []),
    ...(author.trim() === '' ? ['The author is not named.'] : []),
    ...(checker.trim() === '' ? ['The checker is not named.'] : []),
    ...(sameName(author, checker) ? ['Author and checker must be two people.'] : []),
    ...(comment.trim() === '' ? ['The comment is missing.'] : []),
  ];
}

function sameName(a: string, b: string): boolean {
  const plain = (name: string) => name.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();
  return plain(a) !== '' && plain(a) === plain(b);
}

/** What the owner of a run allows; it can be tightened and never relaxed, but for the mode. */
export interface RunPolicy {
  /** `aggregates`: nothing of single examples is shown of this run any more. */
  readonly mode: PrivacyMode;
  /** Lowest threshold that a release of this run may use. */
  readonly atLeast: number;
}

export type PrivacyMode = 'examples' | 'aggregates';

/** Everything that was disclosed of a run, as far as Deltascope did it. */
export interface DisclosureLog {
  readonly entries: readonly DisclosureEntry[];
  /** What is wrong with its chain of hashes; null: nothing. */
  readonly problem: string | null;
}

export interface DisclosureEntry {
  readonly number: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly what: DisclosureKind;
  /** What went out, in words; never of a single example. */
  readonly detail: string;
  /** As declared; '' where nobody was named. */
  readonly by: string;
  /** SHA-256 of what went out, as hex; null where nothing did. */
  readonly sha256: string | null;
}

export type DisclosureKind = 'release' | 'copy' | 'report' | 'export' | 'policy';
