import type { CommandId } from '../../src-shared/commands';

/** An entry of the command palette. */
export interface PaletteItem {
  readonly id: string;
  readonly title: string;
  /** What is written behind it: keys, or what a run is. */
  readonly note: string;
  readonly command: CommandId | null;
  readonly run: string | null;
}

/**
 * The items that a search means: every word of it begins a word of the title, or, where nothing
 * does, its letters come in the title in their order. Titles that begin with it come first.
 */
export function found(items: readonly PaletteItem[], search: string): PaletteItem[] {
  const wanted = search.trim().toLowerCase();
  if (wanted === '') return [...items];
  const words = wanted.split(/\s+/);
  const byWords = items.filter(({ title }) => {
    const own = title.toLowerCase().split(/[\s_-]+/);
    return words.every((word) => own.some((part) => part.startsWith(word)));
  });
  const hits = byWords.length > 0 ? byWords : items.filter(({ title }) => inOrder(title, wanted));
  const begins = ({ title }: PaletteItem) => title.toLowerCase().startsWith(wanted);
  return [...hits.filter(begins), ...hits.filter((item) => !begins(item))];
}

function inOrder(title: string, letters: string): boolean {
  let at = 0;
  for (const letter of title.toLowerCase()) if (letter === letters[at]) at++;
  return at === letters.length;
}
