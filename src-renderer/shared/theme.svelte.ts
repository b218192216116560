import type { ThemeChoice } from '../../src-shared/contract/window-command';
import { call } from '../api/client';

const dark = window.matchMedia('(prefers-color-scheme: dark)');
const calm = window.matchMedia('(prefers-reduced-motion: reduce)');

/** The theme in force. The main process sets what the media query sees. */
class Theme {
  choice = $state<ThemeChoice>('system');
  name = $state<'light' | 'dark'>(dark.matches ? 'dark' : 'light');
  reducedMotion = $state(calm.matches);

  constructor() {
    dark.addEventListener('change', () => {
      this.name = dark.matches ? 'dark' : 'light';
    });
    calm.addEventListener('change', () => {
      this.reducedMotion = calm.matches;
    });
  }

  async choose(choice: ThemeChoice): Promise<void> {
    this.choice = choice;
    await call('settings.theme', { theme: choice });
  }
}

export const theme = new Theme();
