/** The panes of the window, in their order on the screen. */
const panes = '[data-pane]';
const focusable =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), [tabindex="0"]';

const isShown = (element: HTMLElement) => element.getClientRects().length > 0;

/** Puts the focus into the next pane, at its first control. */
export function focusNextPane(): void {
  const all = [...document.querySelectorAll<HTMLElement>(panes)].filter(isShown);
  const now = document.activeElement?.closest<HTMLElement>(panes);
  const next = all[(now ? all.indexOf(now) + 1 : 0) % all.length];
  const control = [...(next?.querySelectorAll<HTMLElement>(focusable) ?? [])].find(isShown);
  (control ?? next)?.focus();
}

/** Puts the focus into the field that searches what is shown; false where there is none. */
export function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>('main input[type=search]');
  field?.focus();
  field?.select();
  return field !== null;
}
