import { listDataSets } from '../../data/catalogue';
import { removeImported, renameImported } from '../../data/imports/upkeep';
import { readArguments } from '../arguments';
import { UsageError } from '../usage';
import { list, listingArguments } from './list';

/** `data [--json FILE]`, `data rename NAME TO`, `data remove NAME` */
export async function dataCommand(words: readonly string[]): Promise<void> {
  const [verb, ...rest] = words;
  if (verb === 'rename' || verb === 'remove') {
    await changeImported(verb, rest);
    return;
  }
  const given = listingArguments(words, 0);
  const sets = listDataSets();
  await list(given, sets, () =>
    sets.map(({ name, title, examples, shape, available, importedFrom }) => {
      const from = importedFrom === null ? '' : ` (imported, ${importedFrom})`;
      const where = available ? from : ' (not here yet)';
      return `${name}: ${title}, ${examples.train} training and ${examples.test} test examples of ${shape.join('×')}${where}`;
    }),
  );
}

async function changeImported(verb: 'rename' | 'remove', words: readonly string[]): Promise<void> {
  const { positional } = readArguments(words, {});
  const [name, to, extra] = positional;
  if (name === undefined) throw new UsageError('the name of the data set is missing');
  const tooMany = verb === 'rename' ? extra : to;
  if (tooMany !== undefined) throw new UsageError(`'${tooMany}' is one word too many`);
  if (verb === 'remove') return removeImported(name);
  if (to === undefined) throw new UsageError('the new name is missing');
  await renameImported(name, to);
}
