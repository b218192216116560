import type { ExampleComparison, ExplanationSummary } from '../../../src-shared/contract/views';
import type { ExampleReference } from '../../../src-shared/explanation/explanation';
import { call } from '../../api/client';
import { AsyncValue } from '../../shared/async-value.svelte';
import { explain } from './explain.svelte';

/** A second example beside the explained one: the same layer, target, unit and range. */
class Comparison {
  readonly other = new AsyncValue<ExplanationSummary>();
  readonly shared = new AsyncValue<ExampleComparison>();
  on = $state(false);
  /** Which of the two the list of examples chooses. */
  side = $state<'first' | 'second'>('second');
  example = $state.raw<ExampleReference | null>(null);
  #run: string | null = null;

  start(): void {
    if (this.#run !== explain.run) this.#forget();
    this.#run = explain.run;
    this.on = true;
    this.side = 'second';
  }

  /** Goes on with a comparison that was kept. */
  goOn(example: ExampleReference): void {
    this.start();
    this.example = example;
  }

  end(): void {
    this.on = false;
    this.other.cancel();
    this.shared.cancel();
  }

  /** Takes an example to the side that is chosen for. */
  async choose(example: ExampleReference): Promise<void> {
    if (this.on && this.side === 'second') this.example = example;
    else await explain.choose(example);
  }

  /** Asks for the second example and for what the two share. */
  async ask(): Promise<void> {
    const { run, answered, layerView } = explain;
    const question = this.example && explain.questionAbout(this.example);
    if (run === null || !answered || !question || !layerView) return;
    const layer = layerView.name;
    const view = await this.other.run((options) =>
      call('explain.example', { run, ...question, layer }, options),
    );
    if (!view) return;
    const questions = [answered, question] as const;
    await this.shared.run((options) => call('explain.compare', { run, layer, questions }, options));
  }

  #forget(): void {
    this.example = null;
    this.other.clear();
    this.shared.clear();
  }
}

export const comparison = new Comparison();
