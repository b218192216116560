import { getContext, setContext } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';

const key = Symbol('field problems');

/** What is wrong in the fields of a form, so that the form is not sent with an older value. */
export class FieldProblems {
  readonly #open = new SvelteMap<string, string>();
  readonly #found: () => readonly { readonly field: string; readonly message: string }[];

  /** @param found what the form as a whole has to say of its fields, by their paths */
  constructor(
    found: () => readonly { readonly field: string; readonly message: string }[] = () => [],
  ) {
    this.#found = found;
  }

  /** Whether every field holds something that can be taken. */
  get none(): boolean {
    return this.#open.size === 0;
  }

  /** What is wrong with the field of a path; null: nothing. */
  at(field: string): string | null {
    return this.#found().find((problem) => problem.field === field)?.message ?? null;
  }

  /** Notes what was entered that can't be taken; null takes it back. */
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
