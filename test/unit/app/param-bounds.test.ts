import type * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { appSchemas, checkParams, restrictedSchemas } from '../../../src-main/app/param-schemas';

/**
 * Rules that hold for every method, read from the schemas themselves, so that a new method is held to
 * them without a line here: objects are closed, and texts, numbers and lists have bounds.
 */
interface Schema {
  readonly type: string;
  readonly pipe?: readonly Schema[];
  readonly entries?: Readonly<Record<string, Schema>>;
  readonly options?: readonly (Schema | string)[];
  readonly items?: readonly Schema[];
  readonly item?: Schema;
  readonly wrapped?: Schema;
}

/** Checked where they are understood: a recipe by the worker, what is kept by its size in bytes. */
const understoodElsewhere = /\.recipe$|^memory\.keep\.value$/;

/** What is open in a schema, each as a path and a reason. */
function openPlaces(schema: Schema, path: string): string[] {
  if (understoodElsewhere.test(path)) return [];
  const rules = (schema.pipe ?? []).map(({ type }) => type);
  const has = (...names: string[]) => names.some((name) => rules.includes(name));
  const found: string[] = [];
  const { entries = {}, items = [], item, wrapped, options = [], type } = schema;
  if (['object', 'loose_object', 'record', 'any', 'unknown'].includes(type)) found.push('open');
  if (type === 'string' && !has('max_length', 'regex')) found.push('endless text');
  if (type === 'array' && !has('max_length')) found.push('endless list');
  if (type === 'number' && !has('safe_integer', 'integer', 'finite', 'max_value', 'lt_value')) {
    found.push('any number');
  }
  const inside: (readonly [string, Schema])[] = Object.entries(entries);
  inside.push(...items.map((each, at): [string, Schema] => [String(at), each]));
  if (item) inside.push(['*', item]);
  const choices = [wrapped, ...options].filter((each) => typeof each === 'object');
  return [
    ...found.map((what) => `${path}: ${what}`),
    ...inside.flatMap(([name, each]) => openPlaces(each, `${path}.${name}`)),
    ...choices.flatMap((each) => openPlaces(each, path)),
  ];
}

const tables: readonly [string, Readonly<Record<string, v.GenericSchema>>][] = [
  ['app', appSchemas],
  ['restricted', restrictedSchemas],
];

describe.each(tables)('every method of the %s contract', (_name, schemas) => {
  it('takes closed objects of bounded size', () => {
    const open = Object.entries(schemas).flatMap(([method, schema]) =>
      openPlaces(schema as unknown as Schema, method),
    );
    expect(open).toEqual([]);
  });

  it.each(Object.keys(schemas))('%s takes nothing else', (method) => {
    for (const wrong of [undefined, null, 'text', 7, { surplus: 1 }, [{}]]) {
      expect(() => checkParams(schemas, method, wrong)).toThrow(/asked wrongly/);
    }
  });
});

describe('the rules', () => {
  it('see what is open', async () => {
    const { array, number, object, strictObject, string, unknown } = await import('valibot');
    const schema = strictObject({
      ...{ a: string(), b: number(), c: array(strictObject({})), d: object({}), e: unknown() },
    });
    expect(openPlaces(schema as unknown as Schema, 'x')).toEqual([
      'x.a: endless text',
      'x.b: any number',
      'x.c: endless list',
      'x.d: open',
      'x.e: open',
    ]);
  });
});
