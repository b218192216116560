import type { AppMethods } from '../../src-shared/contract/app';
import type { ChosenSource } from '../../src-shared/contract/imports';
import { type CallOptions, RpcClient } from '../../src-shared/contract/rpc-client';
import type { WindowCommand } from '../../src-shared/contract/window-command';

const { send, onResponse, onCommand, offer } = window.deltascope;

const client = new RpcClient<AppMethods>((message) => send(message), 'app');

/** Calls that stay open for as long as something lasts, and so say nothing about rest. */
const standing = new Set<string>(['record.follow']);
let open = 0;

onResponse((message) => client.receive(message));

/** Asks the main process; rejects with a `DeltascopeError`. */
export async function call<Name extends keyof AppMethods & string>(
  method: Name,
  params: AppMethods[Name]['params'],
  options?: CallOptions,
): Promise<AppMethods[Name]['result']> {
  if (standing.has(method)) return client.call(method, params, options);
  markBusy(1);
  try {
    return await client.call(method, params, options);
  } finally {
    markBusy(-1);
  }
}

/** Carries out what the menu or the start mode asks for. */
export function onWindowCommand(listener: (command: WindowCommand) => void): void {
  onCommand(listener);
}

/** Hands what was dropped on the window to the main process; null where it is no file or folder. */
export function offerSource(file: File): Promise<ChosenSource | null> {
  return offer(file);
}

/** The address of an example's picture. */
export function thumbnailUrl(run: string, split: 'train' | 'test', index: number): string {
  return `app://thumbnail/${run}/${split}/${index}.png`;
}

/** Assistive technology, and whoever takes pictures of the window, can tell when it is at rest. */
function markBusy(change: 1 | -1): void {
  open += change;
  document.body.setAttribute('aria-busy', String(open > 0));
}
