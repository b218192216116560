import type { ChosenSource } from '../../../src-shared/contract/imports';
import type {
  ExampleFilter,
  ExampleTile,
  ExplainQuestion,
  ExplainRequest,
  ExplanationSummary,
  LayerDetail,
  RunDetail,
} from '../../../src-shared/contract/views';
import type {
  ExampleReference,
  ExampleSplit,
  ExplanationTarget,
  ExplanationUnit,
  StepRange,
} from '../../../src-shared/explanation/explanation';
import { call } from '../../api/client';
import { AsyncValue } from '../../shared/async-value.svelte';
import { ClassFocus } from './class-focus.svelte';
import { ExamplePages } from './example-pages.svelte';
import { type KeptView, keptView } from './kept-view';

/** Examples that a layer's explanation lists on each side. */
const listedExamples = 8;

/** What is asked, beside the layer and the range of steps, of which the answer holds all. */
interface Asked {
  readonly split: 'train' | 'test';
  readonly index: number | null;
  readonly picture: ChosenSource | null;
  readonly target: ExplanationTarget;
  readonly unit: ExplanationUnit;
  readonly exampleSplit: ExampleSplit | null;
}

const nothing: Asked = {
  split: 'test',
  index: null,
  picture: null,
  target: { kind: 'representation' },
  unit: 'update',
  exampleSplit: null,
};

function askedIn({ example, target, unit, exampleSplit }: KeptView): Asked {
  return { ...example, picture: null, target, unit, exampleSplit };
}

/** What is being explained, and the explanation. */
class Explain {
  readonly pages = new ExamplePages();
  readonly result = new AsyncValue<ExplanationSummary>();
  /** The chosen layer over the chosen range, where the result came with another one. */
  readonly refined = new AsyncValue<LayerDetail>();
  readonly focus = new ClassFocus();
  /** Whether the ridge plots of all layers are shown side by side. */
  throughLayers = $state(false);
  run = $state<string | null>(null);
  layer = $state<string | null>(null);
  /** The steps that ridge, timeline and examples are restricted to; null: all. */
  range = $state.raw<StepRange | null>(null);
  #asked = $state.raw<Asked>(nothing);
  /** What the result answers; what was asked since is taken back when it fails or is cancelled. */
  #answered: Asked = nothing;

  /** What the steps read so far say, while the answer is on its way. */
  readonly partial = $derived(
    this.result.progress?.kind === 'explain' ? (this.result.progress.partial ?? null) : null,
  );
  readonly view = $derived(this.run === null ? null : (this.partial ?? this.result.value));
  readonly layerView = $derived(
    this.view?.layers.find(({ name }) => name === this.layer) ?? this.view?.layers.at(-1) ?? null,
  );
  /** The layer's steps over the range; an older one until it is there. */
  readonly detail = $derived.by((): LayerDetail | null => {
    const { refined, view } = this;
    if (view && this.#fits(view.detail)) return view.detail;
    return refined.value ?? view?.detail ?? null;
  });
  /** Whether the detail is of another layer or range than those that were chosen. */
  readonly refining = $derived(this.detail !== null && !this.#fits(this.detail));
  readonly ridge = $derived(
    this.detail?.ridges.find(({ layer }) => layer === this.layerView?.name) ?? null,
  );
  /** Whether any step or example belongs to a ridge. */
  readonly hasRidges = $derived(this.ridge?.ridges.some(({ count }) => count > 0) ?? false);
  /** Whether cos is shown. */
  readonly hasDirections = $derived(this.hasRidges && this.ridge?.over === 'steps');
  readonly largestResidual = $derived(
    this.view && !this.partial
      ? Math.max(0, ...this.view.layers.map(({ residual }) => residual))
      : null,
  );
  /** Why numbers can't be exported now; null where they can. */
  readonly locked = $derived.by((): string | null => {
    if (this.partial) return 'Not all steps are read yet; partial results can’t be exported.';
    return this.result.loading ? 'A new answer is on its way; wait for it, or cancel it.' : null;
  });

  readonly index = $derived(this.#asked.index);
  readonly picture = $derived(this.#asked.picture);
  readonly target = $derived(this.#asked.target);
  readonly unit = $derived(this.#asked.unit);
  readonly exampleSplit = $derived(this.#asked.exampleSplit);
  readonly filter = $derived(this.pages.filter.filter);

  /** What is asked now about the chosen example; null while none is chosen. */
  readonly request = $derived.by((): ExplainRequest | null => {
    const { index, split, target, unit, exampleSplit, picture } = this.#asked;
    if (index === null || picture !== null) return null;
    const question = { split, index, target, unit, exampleSplit } as const;
    return { ...question, layers: null, top: listedExamples, range: null };
  });

  /** What is asked now, of an example or a picture; null while there is none. */
  readonly question = $derived.by(() => this.#questionOf(this.#asked));

  /** What the result answers, for questions that build on it. */
  get answered(): ExplainQuestion | null {
    return this.#questionOf(this.#answered);
  }

  /** The question about another example, under the same target, unit and range. */
  questionAbout({ split, index }: ExampleReference): ExplainQuestion | null {
    return this.#questionOf({ ...this.#answered, split, index, picture: null });
  }

  /** What is shown now, as it is kept for another time; null where there is nothing of the data set. */
  readonly shown = $derived.by((): Omit<KeptView, 'beside'> | null => {
    const { run, layer, range, throughLayers, request } = this;
    if (run === null || request === null) return null;
    const { split, index, target, unit, exampleSplit } = request;
    const asked = { example: { split, index }, target, unit, exampleSplit };
    return { run, ...asked, layer, range, throughLayers, filter: this.pages.filter };
  });

  /** Takes a run, as it was shown last; what was shown of another one is forgotten. */
  async take(run: RunDetail): Promise<ExampleTile | null> {
    if (this.run === run.id) return this.pages.fetch(0);
    const kept = keptView(run.id);
    this.run = run.id;
    this.layer = kept?.layer ?? null;
    this.range = kept?.range ?? null;
    this.throughLayers = kept?.throughLayers ?? this.throughLayers;
    this.#asked = kept ? askedIn(kept) : nothing;
    this.#answered = nothing;
    this.focus.clear();
    this.refined.clear();
    this.result.clear();
    if (kept) void this.ask();
    const usual = { split: 'test', filter: this.filter, label: null, predicted: null } as const;
    const first = await this.pages.open(run.id, kept?.filter ?? usual);
    // The next and the previous example are those beside it.
    if (first && kept) await this.pages.find(kept.example.index);
    if (first || kept || this.filter === 'all') return first;
    return this.pages.change({ filter: 'all' });
  }

  /** Explains the first example that passes a filter. */
  async first(run: RunDetail, filter: ExampleFilter): Promise<void> {
    await this.take(run);
    const tile =
      (await this.pages.change({ filter })) ?? (await this.pages.change({ filter: 'all' }));
    if (tile) await this.choose(tile);
  }

  /** Explains an example; a question still open is cancelled by it. */
  async choose(example: { readonly index: number; readonly split?: 'train' | 'test' }) {
    const { index, split = this.pages.filter.split } = example;
    await this.#change({ split, index, picture: null, ...this.#targetOfAnother() });
  }

  /** Explains a picture that is no example of the data set. */
  async choosePicture(picture: ChosenSource): Promise<void> {
    await this.#change({ picture, split: 'test', ...this.#targetOfAnother() });
  }

  async setTarget(target: ExplanationTarget): Promise<void> {
    await this.#change({ target });
  }

  async setUnit(unit: ExplanationUnit): Promise<void> {
    await this.#change({ unit });
  }

  async setSplit(exampleSplit: ExampleSplit): Promise<void> {
    await this.#change({ exampleSplit });
  }

  async setLayer(name: string): Promise<void> {
    this.layer = name;
    await this.#refine();
  }

  /** Restricts ridge, timeline and examples to a range of steps; null: all steps. */
  async setRange(range: StepRange | null): Promise<void> {
    this.range = range;
    await this.#refine();
  }

  /** Stops reading; the old result and its question stay. */
  cancel(): void {
    this.result.cancel();
    this.#asked = this.#answered;
  }

  /** Asks for what is chosen now. */
  async ask(): Promise<void> {
    const { run, question, layer } = this;
    const asked = this.#asked;
    if (run === null || question === null) return;
    const view = await this.result.run((options) =>
      call('explain.example', { run, ...question, layer }, options),
    );
    if (view) this.#answered = asked;
    else if (this.result.error && this.#asked === asked && this.result.value) {
      this.#asked = this.#answered;
    }
    if (view) await this.#refine();
  }

  /** The next or previous example of the list. */
  async step(by: 1 | -1): Promise<void> {
    const { index } = this.#asked;
    if (index === null) return;
    const place = this.pages.placeOf(index) + by;
    if (place < 0 || place >= (this.pages.total ?? 0)) return;
    const tile = await this.pages.fetch(place);
    if (tile) await this.choose(tile);
  }

  async #change(change: Partial<Asked>): Promise<void> {
    this.#asked = { ...this.#asked, ...change };
    await this.ask();
  }

  /** Of another example, other classes are the obvious ones to compare. */
  #targetOfAnother(): Partial<Asked> {
    return this.#asked.target.kind === 'margin' ? { target: nothing.target } : {};
  }

  #questionOf(asked: Asked): ExplainQuestion | null {
    const { index, picture, ...rest } = asked;
    if (index === null && picture === null) return null;
    const request = { ...rest, index: index ?? 0, layers: null, top: listedExamples };
    return { request: { ...request, range: this.range }, picture: picture?.source ?? null };
  }

  #fits({ layer, range, steps }: LayerDetail): boolean {
    const { from, to } = this.range ?? { from: 0, to: this.view?.stepsRead ?? steps };
    return layer === this.layerView?.name && range.from === from && range.to === to;
  }

  /** Sees to it that the detail is of the chosen layer and range; the trace is not read for it. */
  async #refine(): Promise<void> {
    const { run, view, layerView } = this;
    const question = this.answered;
    // While an answer is on its way, it comes when that is there.
    if (run === null || question === null || !view || !layerView || this.result.loading) return;
    if (this.#fits(view.detail)) {
      this.refined.clear();
      return;
    }
    const layer = layerView.name;
    await this.refined.run((options) =>
      call('explain.detail', { run, ...question, layer }, options),
    );
  }
}

export const explain = new Explain();
