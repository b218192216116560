import type { ChartTheme } from './chart-theme';

/** Rows of a tooltip; numbers stand right. */
export interface TooltipContent {
  readonly title: string;
  readonly rows: readonly (readonly [string, string])[];
}

/** ECharts' tooltip in this application's look. Text is set as text, never as markup. */
export function tooltipOption(theme: ChartTheme, extra: Readonly<Record<string, unknown>>) {
  return {
    confine: true,
    transitionDuration: 0,
    backgroundColor: theme.surface,
    borderColor: theme.axis,
    borderWidth: 1,
    padding: 0,
    textStyle: { color: theme.ink, fontFamily: theme.fontFamily, fontSize: 12 },
    extraCssText: 'box-shadow: none; border-radius: 5px;',
    ...extra,
  };
}

/** Builds a tooltip's inside. */
export function tooltipElement({ title, rows }: TooltipContent): HTMLElement {
  const box = document.createElement('div');
  box.className = 'chart-tooltip';
  const head = document.createElement('strong');
  head.textContent = title;
  const list = document.createElement('dl');
  for (const [name, value] of rows) {
    const term = document.createElement('dt');
    term.textContent = name;
    const number = document.createElement('dd');
    number.textContent = value;
    list.append(term, number);
  }
  box.append(head, list);
  return box;
}
