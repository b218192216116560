import { getContext, setContext } from 'svelte';
import { classNameOf } from '../../../src-shared/report/layer-parts';
import type { ReportModel } from '../../../src-shared/report/report-model';

/** What every part of a report page may need. */
export interface ReportContext {
  readonly model: ReportModel;
  readonly pictureUrl: (split: 'train' | 'test', index: number) => string;
  readonly className: (label: number) => string;
}

const key = Symbol('report');

/** Gives the report to the components inside; `model` is read anew whenever it is asked for. */
export function provideReport(
  model: () => ReportModel,
  pictureUrl: ReportContext['pictureUrl'],
): void {
  setContext<ReportContext>(key, {
    get model() {
      return model();
    },
    pictureUrl,
    className: (label) => classNameOf(model().classNames, label),
  });
}

export function reportContext(): ReportContext {
  return getContext<ReportContext>(key);
}
