import { basename, join } from 'node:path';
import { corrupt, missing } from '../failures';
import { byCodePoints, entriesOf } from './confined';
import type { ReadingProgress } from './reading-progress';

const pictureEnding = /\.(?:png|jpe?g|webp)$/i;
/** Every path is held in memory. */
const mostPictures = 2_000_000;
const mostClasses = 65_536;

/** A picture of the tree: its path, and its name below the root for errors. */
export interface TreePicture {
  readonly path: string;
  readonly file: string;
  readonly label: number;
}

/** A folder of pictures by class, with two splits or with one that is yet to be divided. */
export interface ImageTree {
  readonly classNames: readonly string[];
  readonly train: readonly TreePicture[];
  /** Null where the tree has no test split of its own. */
  readonly test: readonly TreePicture[] | null;
  readonly notes: readonly string[];
}

/**
 * Finds `train/CLASS/*` and `test/CLASS/*` (`val` where there is no `test`), or `CLASS/*`; classes are in
 * the order of their names.
 *
 * @param root a real path
 */
export async function findImageTree(root: string, progress: ReadingProgress): Promise<ImageTree> {
  const folders = (await entriesOf(root, root)).filter(({ kind }) => kind === 'folder');
  const has = (name: string) => folders.some((folder) => folder.name === name);
  const test = has('test') ? 'test' : has('val') ? 'val' : null;
  const others = new Others();
  if (!has('train')) {
    if (test !== null) {
      throw missing(`${basename(root)} has a folder '${test}', but none named 'train'.`);
    }
    const all = await classesIn(root, root, progress, others);
    return treeOf(root, all, null, others);
  }
  const train = await classesIn(root, join(root, 'train'), progress, others);
  const tested = test && (await classesIn(root, join(root, test), progress, others));
  const rest = folders.filter(({ name }) => name !== 'train' && name !== test);
  for (const { name } of rest) others.add(`${name}/`);
  return treeOf(root, train, tested, others);
}

/** What stands in the tree and is no picture of a class. */
class Others {
  #count = 0;
  #first = '';

  add(name: string): void {
    this.#first ||= name;
    this.#count++;
  }

  get notes(): string[] {
    if (this.#count === 0) return [];
    const more = this.#count > 1 ? ` and ${this.#count - 1} more` : '';
    return [`Left out, as no picture of a class: ${this.#first}${more}.`];
  }
}

interface ClassFolder {
  readonly name: string;
  readonly files: readonly { readonly path: string; readonly file: string }[];
}

async function classesIn(
  root: string,
  folder: string,
  progress: ReadingProgress,
  others: Others,
): Promise<ClassFolder[]> {
  const classes: ClassFolder[] = [];
  let count = 0;
  for (const { name, kind } of await entriesOf(root, folder)) {
    if (kind !== 'folder') {
      others.add(name);
      continue;
    }
    const inside = join(folder, name);
    const shown = inside.slice(root.length + 1);
    const files: { path: string; file: string }[] = [];
    for (const entry of await entriesOf(root, inside)) {
      if (entry.kind !== 'file' || !pictureEnding.test(entry.name)) {
        others.add(`${shown}/${entry.name}`);
        continue;
      }
      files.push({ path: join(inside, entry.name), file: `${shown}/${entry.name}` });
    }
    count += files.length;
    if (count > mostPictures) {
      throw corrupt({ file: shown, offset: 0 }, `more than ${mostPictures} pictures are not read.`);
    }
    if (files.length === 0) others.add(`${shown}/`);
    else classes.push({ name, files });
    await progress.advance(0);
  }
  return classes;
}

function treeOf(
  root: string,
  train: readonly ClassFolder[],
  test: readonly ClassFolder[] | null,
  others: Others,
): ImageTree {
  const classNames = train.map(({ name }) => name).sort(byCodePoints);
  if (classNames.length === 0) {
    throw missing(
      `${basename(root)} has no pictures in folders named by class: train/CLASS/*.png, or CLASS/*.png (JPEG and WebP too).`,
    );
  }
  if (classNames.length > mostClasses) {
    throw missing(
      `${basename(root)} has ${classNames.length} classes; at most ${mostClasses} are read.`,
    );
  }
  const places = new Map(classNames.map((name, label) => [name, label]));
  const pictures = (classes: readonly ClassFolder[]): TreePicture[] =>
    classes.flatMap(({ name, files }) => {
      const label = places.get(name);
      if (label === undefined) {
        throw missing(`The class '${name}' has pictures to test on, but none to train on.`);
      }
      return files.map((file) => ({ ...file, label }));
    });
  return {
    classNames,
    train: pictures(train),
    test: test && pictures(test),
    notes: others.notes,
  };
}
