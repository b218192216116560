import { createHash } from 'node:crypto';
import type { CallContext } from '../../src-shared/contract/rpc';
import type { ExplainQuestion, Thumbnail } from '../../src-shared/contract/views';
import { type Answer, answer } from '../engine/explanation/explain';
import type { OpenRun } from './open-run';
import { type OutsidePicture, readOutsidePicture } from './outside-picture';

/** Milliseconds between two progress messages. */
const interval = 100;
/** Milliseconds between two partial answers: each costs a pass over the steps read. */
const partialInterval = 700;
/** Of the time, telling what is known so far takes at most one part in so many. */
const partialCost = 8;

/** A question's answer as long as it may be asked on. */
export interface KeptAnswer extends Answer {
  readonly run: OpenRun;
  readonly stepsRead: number;
  /** What the network saw, where the question was on a picture from outside. */
  readonly picture: Thumbnail | null;
}

/**
 * The answers that were given last. Each holds every step's γ, cos and length, so that ranges of
 * steps, single examples and comparisons are answered from memory instead of the trace.
 */
export class KeptAnswers {
  readonly #kept = new Map<string, KeptAnswer>();

  /** @param most answers kept; of 300 000 steps and four layers, one takes some 60 MB */
  constructor(private readonly most: number) {}

  /**
   * The answer to a question, from memory where it was given before.
   *
   * @param partly is told what the steps read so far say, now and then
   */
  async get(
    run: OpenRun,
    question: ExplainQuestion,
    context: CallContext,
    partly: (sofar: KeptAnswer) => ReturnType<CallContext['onProgress']> = () => undefined,
  ): Promise<KeptAnswer> {
    const { request, picture } = question;
    const { split, index, target, unit, exampleSplit } = request;
    // Read each time, and known by what the network sees of it: the file may have been written anew.
    const outside = picture === null ? null : await readOutsidePicture(run, picture);
    const example = outside ? digest(outside.picture.pixels) : [split, index];
    const key = JSON.stringify([run.folder, example, target, unit, exampleSplit]);
    const known = this.#kept.get(key);
    // A run that was opened anew may have been recorded or packed anew.
    const found =
      known?.run === run ? known : await this.#read(run, request, outside, context, partly);
    this.#kept.delete(key);
    this.#kept.set(key, found);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.most && oldest !== undefined) this.#kept.delete(oldest);
    return found;
  }

  async #read(
    run: OpenRun,
    request: ExplainQuestion['request'],
    outside: OutsidePicture | null,
    { signal, onProgress }: CallContext,
    partly: (sofar: KeptAnswer) => void,
  ): Promise<KeptAnswer> {
    const { explainable } = run;
    const splits = outside ? { ...explainable.splits, test: outside.split } : explainable.splits;
    const reference = outside
      ? ({ split: 'test', index: 0 } as const)
      : { split: request.split, index: request.index };
    const seen = outside?.picture ?? null;
    const steps = run.reader.steps.count;
    let lastSent = 0;
    let nextPartial = performance.now() + partialInterval;
    const [whole] = await answer(
      { ...explainable, splits },
      {
        examples: [reference],
        layers: null,
        target: request.target,
        unit: request.unit,
        exampleSplit: request.exampleSplit,
        top: 0,
        signal,
        onProgress(stepsRead, _steps, sofar) {
          const now = performance.now();
          if (now - lastSent < interval) return;
          lastSent = now;
          onProgress({ kind: 'explain', stepsRead, steps });
          if (now < nextPartial) return;
          const [read] = sofar();
          if (read) partly({ ...read, run, stepsRead: stepsRead - 1, picture: seen });
          const took = performance.now() - now;
          nextPartial = performance.now() + Math.max(partialInterval, partialCost * took);
        },
      },
    );
    if (!whole) throw new Error('no explanation');
    return { ...whole, run, stepsRead: steps, picture: seen };
  }
}

function digest(pixels: Uint8Array): string {
  return createHash('sha256').update(pixels).digest('hex');
}
