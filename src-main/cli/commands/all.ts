import type { CallContext } from '../../../src-shared/contract/rpc';
import { architectureCommand } from './architecture';
import { benchCommand } from './bench';
import { examplesCommand } from './examples';
import { explainCommand } from './explain';
import { exportCommand } from './export';
import { importCommand } from './import';
import { dataCommand, doctorCommand, modelsCommand, runsCommand } from './listings';
import { recordCommand } from './record';
import { releaseCommand } from './release';
import { repackCommand } from './repack';
import { reportCommand } from './report';
import { sampleCommand } from './sample';
import { scorecardCommand } from './scorecard';
import { verifyCommand } from './verify';

type Command = (words: readonly string[], context: CallContext) => Promise<void>;

/** Every command by its name. */
export const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['record', recordCommand],
  ['verify', verifyCommand],
  ['examples', examplesCommand],
  ['explain', explainCommand],
  ['architecture', architectureCommand],
  ['export', exportCommand],
  ['release', releaseCommand],
  ['repack', repackCommand],
  ['report', reportCommand],
  ['sample', sampleCommand],
  ['scorecard', scorecardCommand],
  ['bench', benchCommand],
  ['import', importCommand],
  ['data', dataCommand],
  ['models', modelsCommand],
  ['runs', runsCommand],
  ['doctor', doctorCommand],
]);
