import type { WindowSettings } from '../../src-shared/contract/app';
import type { SystemDescription } from '../../src-shared/contract/views';
import { call } from '../api/client';
import { AsyncValue } from './async-value.svelte';
import { theme } from './theme.svelte';

/** This machine and what the window remembers. */
class System {
  readonly description = new AsyncValue<SystemDescription>();
  settings = $state.raw<WindowSettings | null>(null);

  async read(): Promise<void> {
    const [settings] = await Promise.all([
      call('settings.read', {}),
      this.description.run((options) => call('system.describe', {}, options)),
    ]);
    this.settings = settings;
    theme.choice = settings.theme;
  }

  /** One line on the engine. */
  get engineText(): string {
    const { value, error } = this.description;
    if (error) return 'engine not available';
    if (!value) return 'engine starting';
    return value.checks.every(({ ok }) => ok) ? 'engine ready' : 'engine ready, with lacks';
  }
}

export const system = new System();
