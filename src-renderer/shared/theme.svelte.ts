import type { ThemeChoice } from '../../src-shared/preferences';
import { preferences } from './preferences.svelte';

const dark = window.matchMedia('(prefers-color-scheme: dark)');
const calm = window.matchMedia('(prefers-reduced-motion: reduce)');
const strong = window.matchMedia('(prefers-contrast: more)');

/** The look in force: what was chosen, over what the desktop says. */
class Theme {
  /** The main process sets what the media query sees. */
  name = $state<'light' | 'dark'>(dark.matches ? 'dark' : 'light');
  #calm = $state(calm.matches);
  #strong = $state(strong.matches);

  readonly choice = $derived(preferences.values.theme);
  readonly reducedMotion = $derived(preferences.values.motion === 'reduced' || this.#calm);
  readonly moreContrast = $derived(preferences.values.contrast === 'more' || this.#strong);

  constructor() {
    dark.addEventListener('change', () => {
      this.name = dark.matches ? 'dark' : 'light';
    });
    calm.addEventListener('change', () => {
      this.#calm = calm.matches;
    });
    strong.addEventListener('change', () => {
      this.#strong = strong.matches;
    });
  }

  async choose(theme: ThemeChoice): Promise<void> {
    await preferences.change({ theme });
  }
}

export const theme = new Theme();
