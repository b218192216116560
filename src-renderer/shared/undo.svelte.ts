/** Something that was done and can be taken back. */
export interface Undoable {
  /** What was done, in a sentence. */
  readonly done: string;
  readonly takeBack: () => Promise<void> | void;
}

const most = 50;

/** What can be taken back, the last thing first. */
class UndoStack {
  #stack = $state.raw<readonly Undoable[]>([]);
  /** What is told of: the last thing done, until it is dismissed. */
  told = $state.raw<Undoable | null>(null);

  readonly last = $derived(this.#stack.at(-1) ?? null);

  push(undoable: Undoable): void {
    this.#stack = [...this.#stack, undoable].slice(-most);
    this.told = undoable;
  }

  /** Takes back the last thing that was done. */
  async undo(): Promise<void> {
    const { last } = this;
    if (!last) return;
    this.#stack = this.#stack.slice(0, -1);
    this.dismiss();
    await last.takeBack();
  }

  /** What was done can't be taken back any more: it was done again, or otherwise. */
  drop(undoable: Undoable): void {
    this.#stack = this.#stack.filter((each) => each !== undoable);
    if (this.told === undoable) this.dismiss();
  }

  dismiss(): void {
    this.told = null;
  }
}

export const undo = new UndoStack();
