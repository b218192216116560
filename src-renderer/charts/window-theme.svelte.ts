import { theme } from '../shared/theme.svelte';
import { type ChartTheme, chartTheme } from './chart-theme';

const forced = window.matchMedia('(forced-colors: active)');

/** The theme of the window's charts: a canvas does not follow style sheets by itself. */
class WindowTheme {
  #forced = $state(forced.matches);

  readonly value: ChartTheme = $derived(chartTheme(theme.name, theme.moreContrast || this.#forced));

  constructor() {
    forced.addEventListener('change', () => {
      this.#forced = forced.matches;
    });
  }
}

export const windowTheme = new WindowTheme();
