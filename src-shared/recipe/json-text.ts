import { DeltascopeError } from '../errors';

/** Where a text stops being JSON, and what should stand there: `JSON.parse` often does not say. */
export interface JsonFault {
  /** Both from 1, columns in UTF-16 units, as editors count. */
  readonly line: number;
  readonly column: number;
  readonly expected: string;
}

/** Deeper nesting is no settings file, and would only exhaust the stack. */
const deepest = 200;

const blank = /[ \t\n\r]*/y;
const literal = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// Quote, then anything but control characters, or an escape, up to the closing quote.
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in strings
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*"/y;

class Fault extends Error {
  constructor(
    readonly offset: number,
    readonly expected: string,
  ) {
    super(expected);
  }
}

/**
 * A recipe's text as a value.
 *
 * @param file how errors name it
 * @throws `recipe-invalid` with line and column where it is not JSON
 */
export function parseJson(source: string, file = 'Recipe'): unknown {
  const json = source.startsWith('\ufeff') ? source.slice(1) : source;
  try {
    return JSON.parse(json);
  } catch (error) {
    const fault = findJsonFault(json);
    const message = fault
      ? `${file}, line ${fault.line}, column ${fault.column}: this is no JSON; expected ${fault.expected}.`
      : `${file}: this is no JSON.`;
    throw new DeltascopeError('recipe-invalid', 'recipe', message, { cause: error });
  }
}

/** The first fault of a text that is not JSON; null: there is none. */
export function findJsonFault(text: string): JsonFault | null {
  try {
    const end = skip(text, blank, value(text, skip(text, blank, 0), 0));
    if (end < text.length) throw new Fault(end, 'nothing more after the end');
    return null;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const before = text.slice(0, error.offset).split('\n');
    const column = (before.at(-1) ?? '').length + 1;
    return { line: before.length, column, expected: error.expected };
  }
}

/** The offset behind what `pattern` matches at `offset` (the same where it matches nothing). */
function skip(text: string, pattern: RegExp, offset: number): number {
  pattern.lastIndex = offset;
  return pattern.test(text) ? pattern.lastIndex : offset;
}

function value(text: string, offset: number, depth: number): number {
  if (depth > deepest) throw new Fault(offset, `at most ${deepest} levels of nesting`);
  switch (text[offset]) {
    case '{':
      return list(text, offset, '}', (at) => member(text, at, depth));
    case '[':
      return list(text, offset, ']', (at) => value(text, at, depth + 1));
    case '"':
      return quoted(text, offset, 'a string closed by " on the same line');
    default: {
      const end = skip(text, literal, offset);
      if (end === offset) throw new Fault(offset, 'a value');
      return end;
    }
  }
}

function list(
  text: string,
  offset: number,
  close: '}' | ']',
  item: (offset: number) => number,
): number {
  let at = skip(text, blank, offset + 1);
  if (text[at] === close) return at + 1;
  for (;;) {
    at = skip(text, blank, item(at));
    if (text[at] === close) return at + 1;
    if (text[at] !== ',') throw new Fault(at, `',' or '${close}'`);
    at = skip(text, blank, at + 1);
    if (text[at] === close) throw new Fault(at, `another entry, or no ',' before '${close}'`);
  }
}

function member(text: string, offset: number, depth: number): number {
  const colon = skip(text, blank, quoted(text, offset, 'a field name in double quotes'));
  if (text[colon] !== ':') throw new Fault(colon, "':' after the field name");
  return value(text, skip(text, blank, colon + 1), depth + 1);
}

function quoted(text: string, offset: number, expected: string): number {
  const end = skip(text, string, offset);
  if (end === offset) throw new Fault(offset, expected);
  return end;
}
