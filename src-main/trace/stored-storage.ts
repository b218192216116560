import type { Database } from 'better-sqlite3';
import * as v from 'valibot';
import { denseStorage } from '../engine/codecs/storage';
import { type LayerStorage, recordParts } from '../engine/records';
import { damaged } from './failures';
import type { RunDescription } from './run-folder';

/** Name of the result that says how each layer is stored. */
export const storageResult = 'storage';

const storageSchema = v.array(
  v.object({
    layer: v.string(),
    parts: v.array(
      v.object({
        part: v.picklist(recordParts),
        codec: v.picklist(['dense', 'int16', 'int8', 'int4']),
        block: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
      }),
    ),
    rank: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
    errorBound: v.pipe(v.number(), v.minValue(0)),
  }),
);

/**
 * How a run's layers are stored. The index tells, since it changes together with the shards when a
 * run is packed anew; a run that says nothing holds the parts of its description in fp32.
 *
 * @throws DeltascopeError `trace-damaged`
 */
export function readStorage(
  database: Database,
  { tracedLayers, parts }: Pick<RunDescription, 'tracedLayers' | 'parts'>,
  place: string,
): ReadonlyMap<string, LayerStorage> {
  const json = database
    .prepare('SELECT json FROM results WHERE name = ?')
    .pluck()
    .get(storageResult);
  if (typeof json !== 'string') return denseStorage(tracedLayers, parts);
  const parsed = v.safeParse(storageSchema, jsonOf(json));
  const stored = new Map(parsed.success ? parsed.output.map((each) => [each.layer, each]) : []);
  if (!tracedLayers.every(({ name }) => stored.has(name))) {
    throw damaged(place, 'it does not say how every layer is stored');
  }
  return stored;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
