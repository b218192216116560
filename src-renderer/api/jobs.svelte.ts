import { untrack } from 'svelte';

/** How many questions that take a while are open. */
class Jobs {
  open = $state(0);

  /** Counts without being read by it: who asks in an effect does not depend on the count. */
  add(change: 1 | -1): void {
    untrack(() => {
      this.open += change;
    });
  }
}

export const jobs = new Jobs();
