import type { SystemCheck, SystemDescription } from '../../src-shared/contract/views';
import type { Compute } from './compute-client';

/** What is there on this machine; asked once, since it doesn't change while the program runs. */
export class SystemInfo {
  readonly #compute: Compute;
  readonly #version: string;
  #checks: Promise<readonly SystemCheck[]> | null = null;

  constructor(compute: Compute, version: string) {
    this.#compute = compute;
    this.#version = version;
  }

  async describe(): Promise<SystemDescription> {
    this.#checks ??= this.#compute.call('system.checks', {});
    try {
      return { version: this.#version, checks: await this.#checks };
    } catch (error) {
      this.#checks = null;
      throw error;
    }
  }
}
