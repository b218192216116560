import type { ExampleFilter, ExampleTile } from '../../../src-shared/contract/views';
import { type ErrorReport, reportOf } from '../../../src-shared/errors';
import { call } from '../../api/client';

const pageSize = 200;

/** The examples of one split under one filter, read page by page as they come into view. */
export class ExamplePages {
  total = $state<number | null>(null);
  error = $state.raw<ErrorReport | null>(null);
  #tiles = $state.raw(new Map<number, ExampleTile>());
  readonly #asked = new Set<number>();
  #controller = new AbortController();
  #run = '';
  #filter: ExampleFilter = 'all';
  readonly #split: 'train' | 'test';

  constructor(split: 'train' | 'test') {
    this.#split = split;
  }

  /** Starts over for a run and a filter; gives the first tile there is. */
  async open(run: string, filter: ExampleFilter): Promise<ExampleTile | null> {
    this.#controller.abort();
    this.#controller = new AbortController();
    this.#run = run;
    this.#filter = filter;
    this.#asked.clear();
    this.#tiles = new Map();
    this.total = null;
    this.error = null;
    await this.#read(0);
    return this.#tiles.get(0) ?? null;
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

  /** Where an example stands among what has been read; −1 where it isn't. */
  placeOf(index: number): number {
    for (const [place, tile] of this.#tiles) if (tile.index === index) return place;
    return -1;
  }

  async #read(page: number): Promise<void> {
    this.#asked.add(page);
    const { signal } = this.#controller;
    const params = { run: this.#run, split: this.#split, filter: this.#filter };
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
