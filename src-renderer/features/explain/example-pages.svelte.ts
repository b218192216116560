import type { ExamplesFilter, ExampleTile } from '../../../src-shared/contract/views';
import { type ErrorReport, reportOf } from '../../../src-shared/errors';
import { call } from '../../api/client';

const pageSize = 200;

/** The examples that pass a filter, read page by page as they come into view. */
export class ExamplePages {
  filter = $state.raw<ExamplesFilter>({
    split: 'test',
    filter: 'misclassified',
    label: null,
    predicted: null,
  });
  total = $state<number | null>(null);
  /** The place of the list that the tab key reaches: roving, as in every grid. */
  active = $state(0);
  /** How far the list is scrolled, in pixels. */
  scrolled = 0;
  error = $state.raw<ErrorReport | null>(null);
  #tiles = $state.raw(new Map<number, ExampleTile>());
  /** Where an example stands that was looked for by its index. */
  readonly #places = new Map<number, number>();
  readonly #asked = new Set<number>();
  #controller = new AbortController();
  #run = '';

  /** Starts over for a run and a filter; gives the first tile there is. */
  async open(run: string, filter: ExamplesFilter): Promise<ExampleTile | null> {
    this.#controller.abort();
    this.#controller = new AbortController();
    this.#run = run;
    this.filter = filter;
    this.#asked.clear();
    this.#places.clear();
    this.#tiles = new Map();
    this.total = null;
    this.active = 0;
    this.scrolled = 0;
    this.error = null;
    await this.#read(0);
    return this.#tiles.get(0) ?? null;
  }

  /** Starts over with another filter; gives the first tile there is. */
  async change(filter: Partial<ExamplesFilter>): Promise<ExampleTile | null> {
    if (this.#run === '') return null;
    return this.open(this.#run, { ...this.filter, ...filter });
  }

  /** The tile at a place of the list, if it has been read. */
  at(place: number): ExampleTile | undefined {
    return this.#tiles.get(place);
  }

  /** Sees to it that a place of the list is read. */
  want(place: number): void {
    const page = Math.floor(place / pageSize);
    if (!this.#asked.has(page)) void this.#read(page);
  }

  /** The tile at a place, read if need be. */
  async fetch(place: number): Promise<ExampleTile | null> {
    if (!this.#tiles.has(place)) await this.#read(Math.floor(place / pageSize));
    return this.#tiles.get(place) ?? null;
  }

  /** Where an example stands among what has been read or looked for; −1 where it isn't. */
  placeOf(index: number): number {
    const found = this.#places.get(index);
    if (found !== undefined) return found;
    for (const [place, tile] of this.#tiles) if (tile.index === index) return place;
    return -1;
  }

  /** Looks for an example in the whole list; −1 where it doesn't pass the filter. */
  async find(index: number): Promise<number> {
    const place = await call('examples.place', { run: this.#run, ...this.filter, index });
    if (place >= 0) this.#places.set(index, place);
    return place;
  }

  async #read(page: number): Promise<void> {
    this.#asked.add(page);
    const { signal } = this.#controller;
    const params = { run: this.#run, ...this.filter };
    try {
      const range = { offset: page * pageSize, count: pageSize };
      const answer = await call('examples.page', { ...params, ...range }, { signal });
      const tiles = new Map(this.#tiles);
      for (const [at, tile] of answer.tiles.entries()) tiles.set(answer.offset + at, tile);
      this.#tiles = tiles;
      this.total = answer.total;
    } catch (error) {
      const report = reportOf(error, 'app');
      if (report.code === 'cancelled') return;
      this.#asked.delete(page);
      this.error = report;
    }
  }
}
