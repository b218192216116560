/**
 * The class that stands out in every chart: one that is pointed at, by mouse or data cursor, or else
 * one that was pinned.
 */
export class ClassFocus {
  #pointed = $state<number | null>(null);
  #pinned = $state<number | null>(null);

  readonly label = $derived(this.#pointed ?? this.#pinned);

  isPinned(label: number): boolean {
    return this.#pinned === label;
  }

  point(label: number | null): void {
    this.#pointed = label;
  }

  /** Pins a class, or lets go of it where it is pinned. */
  pin(label: number | null): void {
    this.#pinned = label === this.#pinned ? null : label;
  }

  clear(): void {
    this.#pointed = null;
    this.#pinned = null;
  }
}
