import type { CommandId } from '../commands';
import type { Screen } from '../screens';
import type { ExampleFilter } from './views';

/** What the main process may tell the window to do: menu entries and start modes. */
export type WindowCommand =
  | { readonly kind: 'show'; readonly screen: Screen; readonly run?: string }
  /** Explains the first example that passes the filter. */
  | { readonly kind: 'explain-first'; readonly run: string; readonly filter: ExampleFilter }
  /** Opens a run where it belongs, as the table of runs does. */
  | { readonly kind: 'open-recent'; readonly run: string }
  | { readonly kind: 'do'; readonly command: CommandId };
