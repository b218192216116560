import type { CallContext } from '../../src-shared/contract/rpc';
import { progressPrinter } from './output';

/** What a command gets beside its words: it is interrupted by the signal. */
export function commandContext(): CallContext {
  const interrupt = new AbortController();
  // A signal may reach this process twice, from the terminal and from npm: the first one counts.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupt.abort());
  return { signal: interrupt.signal, onProgress: progressPrinter() };
}
