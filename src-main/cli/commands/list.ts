import { type Arguments, optionValue, readArguments } from '../arguments';
import { writeJson } from '../output';
import { UsageError } from '../usage';

/** The words of a command that lists something: `--json FILE` and at most so many others. */
export function listingArguments(words: readonly string[], most: number): Arguments {
  const given = readArguments(words, { '--json': 'one' });
  const extra = given.positional[most];
  if (extra !== undefined) throw new UsageError(`'${extra}' is one word too many`);
  return given;
}

/** Lines for a person, or JSON where it was asked for. */
export async function list(
  given: Arguments,
  value: unknown,
  lines: () => readonly string[],
): Promise<void> {
  const out = optionValue(given, '--json');
  if (out !== undefined) await writeJson(out, value);
  else
    process.stdout.write(
      lines()
        .map((line) => `${line}\n`)
        .join(''),
    );
}
