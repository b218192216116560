import type { ReportModel } from '../../../src-shared/report/report-model';

export interface OutlineEntry {
  readonly id: string;
  readonly title: string;
  readonly level: 2 | 3;
}

/** Identifier of a layer's section. */
export function layerSection(name: string): string {
  return `layer-${name.replace(/[^\w-]+/g, '-')}`;
}

/** The report's sections in order, as the outline beside the preview lists them. */
export function outlineOf(model: ReportModel): OutlineEntry[] {
  const chapter = (id: string, title: string): OutlineEntry => ({ id, title, level: 2 });
  return [
    chapter('summary', '1 Summary'),
    chapter('identity', '2 Identity'),
    chapter('recipe', '3 Recipe'),
    chapter('input', '4 Input and prediction'),
    chapter('layers', '5 Layers'),
    ...model.layers.map(
      ({ name }, at): OutlineEntry => ({
        id: layerSection(name),
        title: `5.${at + 1} ${name}`,
        level: 3,
      }),
    ),
    chapter('non-claims', '6 What the method does not claim'),
    chapter('reproduction', '7 Versions and reproduction'),
  ];
}
