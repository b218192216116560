import type { Cell, Thumbnail } from './views';

/** What a data set is imported by, as the window and the command line give it. */
export interface ImportRequest {
  /** Name of the format: see `import.kinds`. */
  readonly kind: string;
  /** The file or folder: a real path, known to the main process and the command line only. */
  readonly path: string;
  readonly options: ImportOptions;
}

/** What a format may be told beside its path; null: as the format does by itself. */
export interface ImportOptions {
  /** Part of each class that becomes the test split, for sources that have none. */
  readonly testFraction: number | null;
  /** Height and width that every picture is stretched to. */
  readonly size: readonly [number, number] | null;
}

/** Pixels of a side that pictures are stretched to. */
export const mostSide = 4096;

export const noImportOptions: ImportOptions = { testFraction: null, size: null };

/** A format that data sets are imported from. */
export interface ImportKind {
  readonly kind: string;
  readonly title: string;
  /** What has to be chosen, in a sentence. */
  readonly description: string;
  readonly takes: 'file' | 'folder';
  /** The options that it understands. */
  readonly options: readonly (keyof ImportOptions)[];
}

/** A file or folder to be imported, as the window knows it: by an opaque id and its own name. */
export interface ChosenSource {
  readonly source: string;
  readonly name: string;
}

/** A data set that has been read and waits to be kept under a name, or to be dropped. */
export interface ImportPreview {
  readonly id: string;
  readonly kind: string;
  /** The name it would get where nothing else is asked for. */
  readonly suggestedName: string;
  readonly shape: readonly number[];
  readonly classNames: readonly string[];
  /** Examples of each class, in the order of the class names. */
  readonly counts: { readonly train: readonly number[]; readonly test: readonly number[] };
  readonly fingerprint: string;
  /** What was done to the values and the splits, a sentence each. */
  readonly notes: readonly string[];
  readonly samples: readonly ImportSample[];
}

/** An example as the preview shows it: a picture, or the cells of a table's row. */
export interface ImportSample {
  readonly split: 'train' | 'test';
  readonly index: number;
  readonly label: number;
  readonly picture: Thumbnail | null;
  readonly cells: readonly Cell[] | null;
}

/** Names of imported data sets: what is safe as the name of a folder everywhere. */
const namePattern = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?$/;
/** What Windows takes for a device, with any ending. */
const deviceName = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** Why `name` can't be that of a data set, in a sentence; null where it can. */
export function importNameProblem(name: string): string | null {
  if (!namePattern.test(name) || deviceName.test(name)) {
    return `'${name.slice(0, 80)}' can't name a data set: use up to 64 letters, digits, dots, dashes and underlines, with a letter or digit first.`;
  }
  return /\.npz$/i.test(name)
    ? `'${name}' can't name a data set: a recipe takes names that end in .npz for files.`
    : null;
}
