import type { Cell } from '../../../src-shared/contract/views';
import type { ExampleReference } from '../../../src-shared/explanation/explanation';
import { call } from '../../api/client';

type Ask<Answer> = (
  run: string,
  examples: readonly ExampleReference[],
) => Promise<readonly (Answer | null)[]>;

/** Asks of single examples; of all that are asked for at the same time, in one call. */
function together<Answer>(ask: Ask<Answer>) {
  const open = new Map<
    string,
    { examples: ExampleReference[]; answers: ReturnType<Ask<Answer>> }
  >();
  const begin = (run: string) => {
    const examples: ExampleReference[] = [];
    const answers = Promise.resolve().then(() => {
      open.delete(run);
      return ask(run, examples);
    });
    const group = { examples, answers };
    open.set(run, group);
    return group;
  };
  return async (run: string, example: ExampleReference): Promise<Answer | null> => {
    const { examples, answers } = open.get(run) ?? begin(run);
    const at = examples.push(example) - 1;
    return (await answers)[at] ?? null;
  };
}

/** An example as the row of a table, or what is said in place of a picture. */
export const cellsOf = together<readonly Cell[]>((run, examples) =>
  call('examples.cells', { run, examples }),
);

/** Where an example stood in what was imported, in words. */
export const originOf = together<string>((run, examples) =>
  call('examples.origins', { run, examples }),
);
