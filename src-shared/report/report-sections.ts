/** The report's sections, in the order and with the numbers of the outline. */

export const reportKinds = ['explanation', 'run', 'architecture'] as const;
export type ReportKind = (typeof reportKinds)[number];
export type ReportMode = 'examples' | 'aggregates';

export const reportKindNames = {
  explanation: 'Explanation report',
  run: 'Run report',
  architecture: 'Architecture report',
} as const;

/** Sections with numbers; the cover is 1 and always first. */
export const chapterIds = [
  'summary',
  'questions',
  'identity',
  'method',
  'cases',
  'margins',
  'architecture',
  'limits',
  'conclusions',
] as const;

/** Appendices, with letters. */
export const appendixIds = ['reproduction', 'tables', 'glossary', 'map', 'scorecard'] as const;

export type SectionId = (typeof chapterIds)[number] | (typeof appendixIds)[number];

export const sectionIds: readonly SectionId[] = [...chapterIds, ...appendixIds];

/** What no report goes without: who reads it has to know what it is of, and what it does not say. */
export const fixedSections: ReadonlySet<SectionId> = new Set(['identity', 'method', 'limits']);

const titles: Readonly<Record<SectionId, string>> = {
  summary: 'Summary and findings',
  questions: 'Questions, criteria, roles',
  identity: 'Identity',
  method: 'Method and non-claims',
  cases: 'Cases',
  margins: 'A versus B',
  architecture: 'Architecture',
  limits: 'Limits, failed checks, deviations',
  conclusions: 'Conclusions, sign-off',
  reproduction: 'Reproduction',
  tables: 'Data tables',
  glossary: 'Glossary',
  map: 'Map to frameworks',
  scorecard: 'Scorecard of the method',
};

/** A section's title: what stands in the place of the cases depends on what the report is of. */
export function sectionTitle(id: SectionId, kind: ReportKind, mode: ReportMode): string {
  if (id !== 'cases') return titles[id];
  if (mode === 'aggregates') return 'By class';
  return kind === 'run' ? 'Training and certificates' : titles.cases;
}

export interface NumberedSection {
  readonly id: SectionId;
  /** `2`, `3` … for chapters, `A`, `B` … for appendices. */
  readonly number: string;
  readonly title: string;
}

/**
 * The sections of a report in the order asked for, with their numbers.
 *
 * @param leftOut sections to leave out; `fixedSections` stay
 */
export function numberedSections(
  kind: ReportKind,
  mode: ReportMode,
  order: readonly SectionId[],
  leftOut: readonly SectionId[],
): NumberedSection[] {
  const left = new Set(leftOut.filter((id) => !fixedSections.has(id)));
  const kept = arranged(order).filter((id) => !left.has(id));
  let chapter = 2;
  let letter = 'A'.charCodeAt(0);
  return kept.map((id) => {
    const number = isAppendix(id) ? String.fromCharCode(letter++) : String(chapter++);
    return { id, number, title: sectionTitle(id, kind, mode) };
  });
}

export function isAppendix(id: SectionId): boolean {
  return (appendixIds as readonly SectionId[]).includes(id);
}

/** Every section once: those of `order` first, then the outline's others; appendices stay last. */
export function arranged(order: readonly SectionId[]): SectionId[] {
  const sorted = [...new Set([...order, ...sectionIds])];
  return [...sorted.filter((id) => !isAppendix(id)), ...sorted.filter(isAppendix)];
}
