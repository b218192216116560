import { expect } from 'vitest';
import { DeltascopeError } from '../../../src-shared/errors';
import { Random } from '../../../src-shared/random';

/** How many mutants of each format: the soak asks for more. */
export const mutantCount = Number(process.env.DELTASCOPE_MUTANTS ?? 300);
const seed = Number(process.env.DELTASCOPE_SEED ?? 11);
/** Milliseconds of processors that one mutant may take. */
const longest = 5000;
/** `FILE, byte N: RULE.` or `FILE, row N: RULE.`; what is not there at all has no place. */
const located = /^[^\n]+, (?:byte|row) \d+: [^\n]+[.)]$/;

/**
 * Reads many mutants of a format; every failure must be one of ours that names file, place and rule,
 * and none may take long. Prints the seed.
 *
 * @param read makes a mutant by the generator it is given and reads it
 * @param isClear whether an error says what it should
 * @returns how many were refused
 */
export async function survives(
  format: string,
  read: (random: Random) => Promise<unknown>,
  isClear: (error: unknown) => boolean = isLocated,
): Promise<number> {
  process.stdout.write(`${mutantCount} mutants of ${format}, seed ${seed}\n`);
  let refused = 0;
  for (let mutant = 0; mutant < mutantCount; mutant++) {
    const random = Random.seeded(seed, `${format} ${mutant}`);
    const started = process.cpuUsage();
    const failure = await read(random).then(
      () => null,
      (error: unknown) => error,
    );
    const { user, system } = process.cpuUsage(started);
    const took = (user + system) / 1000;
    if (failure !== null) refused++;
    const wrong = failure !== null && !isClear(failure);
    // One line that says how to have this mutant again.
    if (wrong || took > longest) {
      expect.fail(`${format}, seed ${seed}, mutant ${mutant}, ${Math.round(took)} ms: ${failure}`);
    }
  }
  return refused;
}

function isLocated(error: unknown): boolean {
  return (
    error instanceof DeltascopeError && error.code === 'data-corrupt' && located.test(error.message)
  );
}
