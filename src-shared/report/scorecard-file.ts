import * as v from 'valibot';
import { DeltascopeError } from '../errors';
import type { Scorecard } from '../scorecard';

const number = v.number();
const scores = v.array(
  v.object({
    name: v.string(),
    estimate: v.object({ mean: number, interval: v.tuple([number, number]), count: number }),
  }),
);

const schema: v.GenericSchema<unknown, Scorecard> = v.object({
  data: v.string(),
  recording: v.picklist(['mini-batches', 'class-batches']),
  seeds: v.array(number),
  seconds: number,
  completeness: v.array(
    v.object({ training: v.string(), layers: number, examples: number, residual: number }),
  ),
  mislabelled: v.object({ examples: number, changed: number, scores }),
  datamodelling: v.object({ subsets: number, share: number, examples: number, scores }),
  randomised: v.object({ examples: number, scores }),
});

/**
 * A scorecard as `scorecard --json FILE` wrote it.
 *
 * @param file how errors name it
 * @throws `request-invalid` where it is something else
 */
export function readScorecard(input: unknown, file: string): Scorecard {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  throw new DeltascopeError(
    'request-invalid',
    'worker',
    `${file} is no scorecard: ${v.getDotPath(result.issues[0]) ?? 'the file'} is not as scorecard --json writes it.`,
  );
}
