import { UsageError } from './usage';

/** A command's words: what stands alone, and the values after each option. */
export interface Arguments {
  readonly positional: readonly string[];
  readonly options: ReadonlyMap<string, readonly string[]>;
}

/** How many values an option takes: none, one, or any number up to the next option. */
export type OptionKind = 'flag' | 'one' | 'many';

/**
 * Reads the words of a command.
 *
 * @param known the command's options; `--json` may stand alone where it is a `flag`
 * @throws UsageError for an unknown option, one without its value, or one given twice
 */
export function readArguments(
  words: readonly string[],
  known: Readonly<Record<string, OptionKind>>,
): Arguments {
  const positional: string[] = [];
  const options = new Map<string, string[]>();
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (!word.startsWith('--')) {
      positional.push(word);
      continue;
    }
    const cut = word.indexOf('=');
    const name = cut < 0 ? word : word.slice(0, cut);
    const kind = known[name];
    if (!kind) throw new UsageError(`unknown option ${name}`);
    const values = options.get(name) ?? [];
    if (options.has(name) && kind !== 'many') throw new UsageError(`${name} is given twice`);
    options.set(name, values);
    if (cut >= 0) values.push(word.slice(cut + 1));
    else if (kind !== 'flag') {
      while (i + 1 < words.length && isValue(words[i + 1] as string)) {
        values.push(words[++i] as string);
        if (kind === 'one') break;
      }
    }
    if (kind !== 'flag' && values.length === 0) throw new UsageError(`${name} needs a value`);
  }
  return { positional, options };
}

/** `-` is standard output; everything else that begins with two dashes is an option. */
function isValue(word: string): boolean {
  return !word.startsWith('--');
}

/** The single positional argument of a command. */
export function onePositional({ positional }: Arguments, what: string): string {
  const [first, second] = positional;
  if (first === undefined) throw new UsageError(`${what} is missing`);
  if (second !== undefined) throw new UsageError(`'${second}' is one word too many`);
  return first;
}

/** The value of an option, or undefined where it wasn't given. */
export function optionValue({ options }: Arguments, name: string): string | undefined {
  return options.get(name)?.[0];
}

export function requiredValue(given: Arguments, name: string): string {
  const value = optionValue(given, name);
  if (value === undefined) throw new UsageError(`${name} is missing`);
  return value;
}

/** A whole number of at least `least`. */
export function wholeNumber(text: string, name: string, least = 0): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
    throw new UsageError(`${name} needs a whole number of at least ${least}, not '${text}'`);
  }
  return value;
}

/** An option's value out of a few, or null where it wasn't given. */
export function oneOf<T extends string>(
  given: Arguments,
  name: string,
  allowed: readonly T[],
): T | null {
  const value = optionValue(given, name);
  if (value === undefined) return null;
  const found = allowed.find((each) => each === value);
  if (found) return found;
  throw new UsageError(`${name} is ${allowed.join(' or ')}, not '${value}'`);
}
