import type { AppMethods } from '../../src-shared/contract/app';
import type { ChosenSource } from '../../src-shared/contract/imports';
import type { RestrictedMethods } from '../../src-shared/contract/restricted';
import { type CallOptions, RpcClient } from '../../src-shared/contract/rpc-client';
import type { WindowCommand } from '../../src-shared/contract/window-command';
import { jobs } from './jobs.svelte';

const { send, onResponse, onCommand, offer } = window.deltascope;

/** A reviewer's window is answered by the second ones only. */
type WindowMethods = AppMethods & RestrictedMethods;

const client = new RpcClient<WindowMethods>((message) => send(message), 'app');

/** Calls that say nothing about rest: they stay open as long as something lasts, or go on beside. */
const aside = new Set<string>(['record.follow', 'system.pulse', 'memory.keep', 'menu.refuse']);
/** Calls that work for a while, and are counted as jobs. */
const working = new Set<string>([
  'runs.verify',
  'import.read',
  'record.estimate',
  'explain.example',
  'architecture.analyse',
  'architecture.compare',
  'report.preview',
  'report.export',
  'release.check',
]);
let open = 0;

onResponse((message) => client.receive(message));

/** Asks the main process; rejects with a `DeltascopeError`. */
export async function call<Name extends keyof WindowMethods & string>(
  method: Name,
  params: WindowMethods[Name]['params'],
  options?: CallOptions,
): Promise<WindowMethods[Name]['result']> {
  if (aside.has(method)) return client.call(method, params, options);
  const job = working.has(method);
  markBusy(1);
  if (job) jobs.add(1);
  try {
    return await client.call(method, params, options);
  } finally {
    if (job) jobs.add(-1);
    markBusy(-1);
  }
}

/** Commands that came before anyone listened. */
const early: WindowCommand[] = [];
let take = (command: WindowCommand): void => void early.push(command);
onCommand((command) => take(command));

/** Carries out what the menu or the start mode asks for. */
export function onWindowCommand(listener: (command: WindowCommand) => void): void {
  take = listener;
  for (const command of early.splice(0)) listener(command);
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
