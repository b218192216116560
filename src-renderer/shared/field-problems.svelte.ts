import { getContext, setContext } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';

const key = Symbol('field problems');

/** What is wrong in the fields of a form, so that the form is not sent with an older value. */
export class FieldProblems {
  readonly #open = new SvelteMap<string, string>();

  /** Whether every field holds something that can be taken. */
  get none(): boolean {
    return this.#open.size === 0;
  }

  /** Notes what is wrong in a field; null takes it back. */
  note(field: string, problem: string | null): void {
    if (problem === null) this.#open.delete(field);
    else this.#open.set(field, problem);
  }
}

/** Gathers what the fields inside a component say is wrong. */
export function gatherFieldProblems(problems: FieldProblems): void {
  setContext(key, problems);
}

/** Where a field tells what is wrong, if somebody gathers it. */
export function fieldProblems(): FieldProblems | undefined {
  return getContext<FieldProblems | undefined>(key);
}
