import type { ReportCase } from '../../../src-shared/report/report-case';
import type { ReportModel } from '../../../src-shared/report/report-model';
import type { SectionId } from '../../../src-shared/report/report-sections';

export interface OutlineEntry {
  readonly id: string;
  readonly title: string;
  readonly level: 2 | 3 | 4;
}

/** Identifier of a section's heading. */
export function sectionAnchor(id: SectionId): string {
  return `section-${id}`;
}

/** Identifier of a case's heading. */
export function caseAnchor(at: number): string {
  return `case-${at + 1}`;
}

/** Identifier of a layer's heading within a case. */
export function layerAnchor(at: number, layer: string): string {
  return `case-${at + 1}-${layer.replace(/[^\w-]+/g, '-')}`;
}

/** `Test example 18: “8”`. */
export function caseTitle({ example }: ReportCase): string {
  const split = example.split === 'test' ? 'Test' : 'Training';
  return `${split} example ${example.index}: “${example.predictedName}”`;
}

/** The report's headings in order, as contents and the preview's outline list them. */
export function outlineOf(model: ReportModel): OutlineEntry[] {
  return model.sections.flatMap(({ id, number, title }): OutlineEntry[] => {
    const chapter = { id: sectionAnchor(id), title: `${number} ${title}`, level: 2 } as const;
    if (id !== 'cases') return [chapter];
    return [
      chapter,
      ...model.cases.map(
        (each, at): OutlineEntry => ({
          id: caseAnchor(at),
          title: `${number}.${at + 1} ${caseTitle(each)}`,
          level: 3,
        }),
      ),
    ];
  });
}
