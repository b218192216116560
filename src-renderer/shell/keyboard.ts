import { type CommandId, commands, matches } from '../../src-shared/commands';
import { preferences } from '../shared/preferences.svelte';
import { isPossible, perform } from './actions';

export const onMac = navigator.userAgent.includes('Mac');

/** What fields do better themselves. */
const ofFields = new Set<CommandId>(['undo', 'copy']);

/** The keys that work everywhere; what has a menu entry too is taken here first. */
export function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
  const id = commandOf(event);
  if (id === null || !isPossible(id)) return;
  event.preventDefault();
  perform(id);
}

function commandOf(event: KeyboardEvent): CommandId | null {
  const { target } = event;
  const inField =
    target instanceof HTMLElement &&
    target.closest('input:not([type=radio], [type=checkbox]), select, textarea') !== null;
  const withModifier = commands.find(
    ({ accelerator }) => accelerator !== undefined && matches(accelerator, event, onMac),
  );
  if (withModifier) {
    // Text that is selected is copied by the browser, in a field or not.
    if (withModifier.id === 'copy') return null;
    return inField && ofFields.has(withModifier.id) ? null : withModifier.id;
  }
  if (inField || !preferences.values.singleKeys) return null;
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  return commands.find(({ key, inPanel }) => !inPanel && key === event.key)?.id ?? null;
}
