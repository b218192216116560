import type { Pulse } from '../../src-shared/contract/app/shell';
import type { SystemDescription } from '../../src-shared/contract/views';
import { call } from '../api/client';
import { jobs } from '../api/jobs.svelte';
import { AsyncValue } from './async-value.svelte';

/** How often disk and recordings are looked at. */
const pulseEveryMs = 4000;

/** This machine: the engine, the disk, what is being worked on. */
class System {
  readonly description = new AsyncValue<SystemDescription>();
  /** Null until it was looked at. */
  pulse = $state.raw<Pulse | null>(null);

  /** Recordings, and questions that wait for an answer. */
  readonly jobs = $derived(jobs.open + (this.pulse?.recordings ?? 0));

  async read(): Promise<void> {
    await this.description.run((options) => call('system.describe', {}, options));
  }

  async feelPulse(): Promise<void> {
    this.pulse = await call('system.pulse', {}).catch(() => null);
  }

  /** Looks at disk and recordings now and again, until the function given back is called. */
  watch(): () => void {
    void this.feelPulse();
    const timer = setInterval(() => void this.feelPulse(), pulseEveryMs);
    return () => clearInterval(timer);
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
