import type { CallContext } from '../../../src-shared/contract/rpc';

export type Command = (words: readonly string[], context: CallContext) => Promise<void>;

/** Every command by its name. Each brings only its own modules: the tensor engine loads slowly. */
export const commands: ReadonlyMap<string, () => Promise<Command>> = new Map<
  string,
  () => Promise<Command>
>([
  ['record', async () => (await import('./record')).recordCommand],
  ['verify', async () => (await import('./verify')).verifyCommand],
  ['examples', async () => (await import('./examples')).examplesCommand],
  ['explain', async () => (await import('./explain')).explainCommand],
  ['architecture', async () => (await import('./architecture')).architectureCommand],
  ['export', async () => (await import('./export')).exportCommand],
  ['release', async () => (await import('./release')).releaseCommand],
  ['privacy', async () => (await import('./privacy')).privacyCommand],
  ['repack', async () => (await import('./repack')).repackCommand],
  ['report', async () => (await import('./report')).reportCommand],
  ['sample', async () => (await import('./sample')).sampleCommand],
  ['scorecard', async () => (await import('./scorecard')).scorecardCommand],
  ['bench', async () => (await import('./bench')).benchCommand],
  ['import', async () => (await import('./import')).importCommand],
  ['data', async () => (await import('./data')).dataCommand],
  ['models', async () => (await import('./listings')).modelsCommand],
  ['runs', async () => (await import('./listings')).runsCommand],
  ['doctor', async () => (await import('./doctor')).doctorCommand],
]);
