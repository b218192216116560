import type { ExampleFilter } from './views';

/** The window's screens, in the order of their number keys. */
export const screens = ['home', 'new', 'monitor', 'explain', 'layers', 'report'] as const;

export type Screen = (typeof screens)[number];

/** What the main process may tell the window to do: menu entries and start modes. */
export type WindowCommand =
  | { readonly kind: 'show'; readonly screen: Screen; readonly run?: string }
  /** Explains the first example that passes the filter. */
  | { readonly kind: 'explain-first'; readonly run: string; readonly filter: ExampleFilter }
  | { readonly kind: 'open-run' }
  | { readonly kind: 'export-report' }
  | { readonly kind: 'show-keys' };

/** The theme that the auditor chose; `system` follows the desktop. */
export type ThemeChoice = 'system' | 'light' | 'dark';
