import { type CommandId, commands, keysInWords } from '../../src-shared/commands';
import type { PaletteItem } from './found';
import { onMac } from './keyboard';

/** The palette itself, and what is there by its screen already. */
const leftOut = new Set<CommandId>(['palette', 'new']);

/** Commands, then runs. */
export function paletteItems(
  runs: readonly { readonly id: string; readonly name: string; readonly data: string }[],
): PaletteItem[] {
  const ofCommands = commands
    .filter(({ id }) => !leftOut.has(id))
    .map(({ id, title, accelerator, key }) => ({
      id,
      title: title.replace('…', ''),
      note: accelerator ? keysInWords(accelerator, onMac) : (key ?? ''),
      command: id,
      run: null,
    }));
  const ofRuns = runs.map(({ id, name, data }) => ({
    id: `run-${id}`,
    title: name,
    note: `run, ${data}`,
    command: null,
    run: id,
  }));
  return [...ofCommands, ...ofRuns];
}
