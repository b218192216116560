import { writeSync } from 'node:fs';
import { repackTrace } from '../../../src-main/trace/repack';
import { small, storedIn } from './fixtures';

/** Packs the run in the folder given in 8 bits; tells a line when it begins, and an error on standard error. */
const [folder = ''] = process.argv.slice(2);

writeSync(1, 'packing\n');
await repackTrace(folder, storedIn('int8'), small).catch((error: Error) => {
  writeSync(2, error.message);
  process.exitCode = 1;
});
