import type {
  ExampleFilter,
  ExampleTile,
  ExplainRequest,
  ExplanationView,
  RunDetail,
} from '../../../src-shared/contract/views';
import type {
  ExampleSplit,
  ExplanationTarget,
  ExplanationUnit,
  StepRange,
} from '../../../src-shared/explanation/explanation';
import { call } from '../../api/client';
import { AsyncValue } from '../../shared/async-value.svelte';
import { ExamplePages } from './example-pages.svelte';

/** Examples that a layer's explanation lists on each side. */
const listedExamples = 8;

/** What is being explained, and the explanation. */
class Explain {
  readonly pages = new ExamplePages('test');
  readonly result = new AsyncValue<ExplanationView>();
  /** The chosen layer, its ridge and examples of the range's steps alone. */
  readonly narrowed = new AsyncValue<ExplanationView>();
  filter = $state<ExampleFilter>('misclassified');
  run = $state<string | null>(null);
  /** Index of the chosen test example. */
  index = $state<number | null>(null);
  layer = $state<string | null>(null);
  target = $state.raw<ExplanationTarget>({ kind: 'representation' });
  unit = $state<ExplanationUnit>('update');
  /** The steps that ridge and examples are restricted to; null: all. */
  range = $state.raw<StepRange | null>(null);
  /** Null: exact where the run keeps each example's part, else equal. */
  exampleSplit = $state<ExampleSplit | null>(null);
  /** A class that is pointed at in one place and stands out in all. */
  focus = $state<number | null>(null);

  /** What the steps read so far say, while the answer is on its way. */
  readonly partial = $derived(
    this.result.progress?.kind === 'explain' ? (this.result.progress.partial ?? null) : null,
  );
  readonly view = $derived(this.run === null ? null : (this.partial ?? this.result.value));
  readonly layerView = $derived(
    this.view?.layers.find(({ name }) => name === this.layer) ?? this.view?.layers.at(-1) ?? null,
  );
  /** What ridge and examples are taken from; of all steps until the range has been read. */
  readonly #ranged = $derived(this.range === null ? null : this.narrowed.value);
  readonly ridge = $derived(
    this.#ranged?.ridges[0] ??
      this.view?.ridges.find(({ layer }) => layer === this.layerView?.name) ??
      null,
  );
  /** Whether any step belongs to one class, and so to a ridge. */
  readonly hasRidges = $derived(this.layerView?.steps.label.some((label) => label >= 0) ?? false);
  readonly examplesOf = $derived(this.#ranged?.layers[0] ?? this.layerView);
  /** Ridge and examples are not yet those of the range. */
  readonly narrowing = $derived(this.range !== null && this.#ranged === null);
  readonly largestResidual = $derived(
    this.view && !this.partial
      ? Math.max(0, ...this.view.layers.map(({ residual }) => residual))
      : null,
  );

  /** What is asked now; null while no example is chosen. */
  readonly request = $derived.by((): ExplainRequest | null => {
    if (this.index === null) return null;
    const { index, target, unit, exampleSplit } = this;
    const question = { split: 'test', index, target, unit, exampleSplit } as const;
    return { ...question, layers: null, top: listedExamples, range: null };
  });

  /** Takes a run; what was shown of another one is forgotten. */
  async take(run: RunDetail): Promise<ExampleTile | null> {
    if (this.run === run.id) return this.pages.fetch(0);
    this.run = run.id;
    this.index = null;
    this.layer = null;
    this.target = { kind: 'representation' };
    this.exampleSplit = null;
    this.unit = 'update';
    this.range = null;
    this.narrowed.clear();
    this.result.clear();
    const first = await this.pages.open(run.id, this.filter);
    if (first || this.filter === 'all') return first;
    return this.setFilter('all');
  }

  /** Explains the first example that passes a filter. */
  async first(run: RunDetail, filter: ExampleFilter): Promise<void> {
    if (this.run === run.id) await this.setFilter(filter);
    else this.filter = filter;
    const tile = await this.take(run);
    if (tile) await this.choose(tile.index);
  }

  async setFilter(filter: ExampleFilter): Promise<ExampleTile | null> {
    this.filter = filter;
    return this.run === null ? null : this.pages.open(this.run, filter);
  }

  /** Explains a test example; a question still open is cancelled by it. */
  async choose(index: number): Promise<void> {
    this.index = index;
    if (this.target.kind === 'margin') this.target = { kind: 'representation' };
    await this.ask();
  }

  async setTarget(target: ExplanationTarget): Promise<void> {
    this.target = target;
    await this.ask();
  }

  async setUnit(unit: ExplanationUnit): Promise<void> {
    this.unit = unit;
    await this.ask();
  }

  async setLayer(name: string): Promise<void> {
    this.layer = name;
    await this.#narrow();
  }

  /** Restricts ridge and examples to a range of steps; null: all steps. */
  async setRange(range: StepRange | null): Promise<void> {
    this.range = range;
    await this.#narrow();
  }

  async setSplit(split: ExampleSplit): Promise<void> {
    this.exampleSplit = split;
    await this.ask();
  }

  async ask(): Promise<void> {
    const { run, request } = this;
    if (run === null || request === null) return;
    this.narrowed.clear();
    await this.result.run((options) => call('explain.example', { run, request }, options));
    await this.#narrow();
  }

  async #narrow(): Promise<void> {
    const { run, request, range, layerView } = this;
    this.narrowed.clear();
    if (run === null || request === null || range === null || !layerView) return;
    const narrow = { ...request, layers: [layerView.name], range };
    await this.narrowed.run((options) =>
      call('explain.example', { run, request: narrow }, options),
    );
  }

  /** The next or previous example of the list. */
  async step(by: 1 | -1): Promise<void> {
    if (this.index === null) return;
    const place = this.pages.placeOf(this.index) + by;
    if (place < 0 || place >= (this.pages.total ?? 0)) return;
    const tile = await this.pages.fetch(place);
    if (tile) await this.choose(tile.index);
  }
}

export const explain = new Explain();
