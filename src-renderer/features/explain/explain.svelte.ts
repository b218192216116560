import type {
  ExampleFilter,
  ExampleTile,
  ExplainRequest,
  ExplanationView,
  RunDetail,
} from '../../../src-shared/contract/views';
import type { ExampleSplit, ExplanationTarget } from '../../../src-shared/explanation/explanation';
import { call } from '../../api/client';
import { AsyncValue } from '../../shared/async-value.svelte';
import { ExamplePages } from './example-pages.svelte';

/** Examples that a layer's explanation lists on each side. */
const listedExamples = 8;

/** What is being explained, and the explanation. */
class Explain {
  readonly pages = new ExamplePages('test');
  readonly result = new AsyncValue<ExplanationView>();
  filter = $state<ExampleFilter>('misclassified');
  run = $state<string | null>(null);
  /** Index of the chosen test example. */
  index = $state<number | null>(null);
  layer = $state<string | null>(null);
  target = $state.raw<ExplanationTarget>({ kind: 'representation' });
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
  readonly ridge = $derived(
    this.view?.ridges.find(({ layer }) => layer === this.layerView?.name) ?? null,
  );
  readonly largestResidual = $derived(
    this.view && !this.partial
      ? Math.max(0, ...this.view.layers.map(({ residual }) => residual))
      : null,
  );

  /** What is asked now; null while no example is chosen. */
  readonly request = $derived.by((): ExplainRequest | null => {
    if (this.index === null) return null;
    const { index, target, exampleSplit } = this;
    const question = { split: 'test', index, target, exampleSplit } as const;
    return { ...question, layers: null, unit: 'update', top: listedExamples };
  });

  /** Takes a run; what was shown of another one is forgotten. */
  async take(run: RunDetail): Promise<ExampleTile | null> {
    if (this.run === run.id) return this.pages.fetch(0);
    this.run = run.id;
    this.index = null;
    this.layer = null;
    this.target = { kind: 'representation' };
    this.exampleSplit = null;
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

  async setSplit(split: ExampleSplit): Promise<void> {
    this.exampleSplit = split;
    await this.ask();
  }

  async ask(): Promise<void> {
    const { run, request } = this;
    if (run === null || request === null) return;
    await this.result.run((options) => call('explain.example', { run, request }, options));
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
