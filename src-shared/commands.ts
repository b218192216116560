import { screens, screenTitles } from './screens';

/**
 * Everything that the application can be told to do, once: the menu bar, the command palette, the
 * keys and the list of keys are all made of this table.
 */

export const menus = ['file', 'edit', 'view', 'run', 'help'] as const;

export type MenuName = (typeof menus)[number];

export interface Command {
  readonly id: string;
  readonly menu: MenuName;
  readonly title: string;
  /** Keys with a modifier, or a function key, in Electron's notation. */
  readonly accelerator?: string;
  /** A key alone; it acts outside of fields, and can be switched off. */
  readonly key?: string;
  /** The single key acts only where its panel has the focus. */
  readonly inPanel?: true;
  /** Begins a group of its menu. */
  readonly apart?: true;
}

const toScreens = screens.map(
  (screen, at) =>
    ({
      id: `show-${screen}`,
      menu: 'view',
      title: screenTitles[screen],
      accelerator: `CmdOrCtrl+${at + 1}`,
      key: String(at + 1),
    }) as const,
);

const others = [
  { id: 'new', menu: 'file', title: 'New recording…', accelerator: 'CmdOrCtrl+N' },
  { id: 'open', menu: 'file', title: 'Open run…', accelerator: 'CmdOrCtrl+O' },
  { id: 'open-release', menu: 'file', title: 'Open restricted bundle…' },
  {
    id: 'export-figure',
    menu: 'file',
    title: 'Export figure…',
    accelerator: 'CmdOrCtrl+E',
    apart: true,
  },
  {
    id: 'export-report',
    menu: 'file',
    title: 'Export report…',
    accelerator: 'CmdOrCtrl+Shift+E',
  },
  { id: 'settings', menu: 'file', title: 'Settings…', accelerator: 'CmdOrCtrl+,', apart: true },
  { id: 'undo', menu: 'edit', title: 'Undo', accelerator: 'CmdOrCtrl+Z' },
  { id: 'copy', menu: 'edit', title: 'Copy', accelerator: 'CmdOrCtrl+C', apart: true },
  {
    id: 'copy-csv',
    menu: 'edit',
    title: 'Copy figure as CSV',
    accelerator: 'CmdOrCtrl+Shift+C',
  },
  { id: 'find', menu: 'edit', title: 'Find', accelerator: 'CmdOrCtrl+F', apart: true },
  {
    id: 'palette',
    menu: 'view',
    title: 'Commands…',
    accelerator: 'CmdOrCtrl+K',
    apart: true,
  },
  { id: 'next-pane', menu: 'view', title: 'Next pane', accelerator: 'F6' },
  { id: 'previous-input', menu: 'view', title: 'Previous input', key: '[', apart: true },
  { id: 'next-input', menu: 'view', title: 'Next input', key: ']' },
  { id: 'chart-table', menu: 'view', title: 'Chart or table', key: 'T', inPanel: true },
  { id: 'zoom-in', menu: 'view', title: 'Zoom in', accelerator: 'CmdOrCtrl+Plus', apart: true },
  { id: 'zoom-out', menu: 'view', title: 'Zoom out', accelerator: 'CmdOrCtrl+-' },
  { id: 'zoom-reset', menu: 'view', title: 'Actual size', accelerator: 'CmdOrCtrl+0' },
  { id: 'full-screen', menu: 'view', title: 'Full screen', accelerator: 'F11' },
  { id: 'run-start', menu: 'run', title: 'Start or resume' },
  { id: 'run-pause', menu: 'run', title: 'Pause' },
  { id: 'run-stop', menu: 'run', title: 'Stop and keep' },
  { id: 'run-verify', menu: 'run', title: 'Verify', apart: true },
  { id: 'keys', menu: 'help', title: 'Keys', accelerator: 'F1', key: '?' },
  { id: 'numbers', menu: 'help', title: 'What numbers mean' },
  { id: 'logs', menu: 'help', title: 'Logs' },
] as const satisfies readonly Command[];

export type CommandId = (typeof others)[number]['id'] | (typeof toScreens)[number]['id'];

/** All commands, in the order of the menus. */
export const commands: readonly (Command & { readonly id: CommandId })[] = [
  ...toScreens,
  ...others,
];

/** The commands of a menu, in its order. */
export function commandsOf(menu: MenuName): readonly (Command & { readonly id: CommandId })[] {
  return commands.filter((command) => command.menu === menu);
}

/** Keys as they are written on a keyboard: `Ctrl Shift E`. */
export function keysInWords(accelerator: string, mac: boolean): string {
  const words: Readonly<Record<string, string>> = {
    CmdOrCtrl: mac ? '⌘' : 'Ctrl',
    Shift: mac ? '⇧' : 'Shift',
    Plus: '+',
    '-': '−',
  };
  return accelerator
    .split('+')
    .map((part) => words[part] ?? part)
    .join(' ');
}

/** What a keyboard event says, as far as it matters here. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/** Whether a key press is an accelerator. Shift counts only where the accelerator names it or the key is a letter. */
export function matches(accelerator: string, press: KeyPress, mac: boolean): boolean {
  const parts = accelerator.split('+');
  const name = parts.at(-1) ?? '';
  const wanted = name === 'Plus' ? '+' : name;
  const modifier = parts.includes('CmdOrCtrl');
  if (press.altKey || (mac ? press.metaKey : press.ctrlKey) !== modifier) return false;
  if ((mac ? press.ctrlKey : press.metaKey) === true) return false;
  // On many keyboards + is typed with Shift, or is the key of =.
  if (wanted === '+') return press.key === '+' || press.key === '=';
  if (press.shiftKey !== parts.includes('Shift')) return false;
  return press.key.toLowerCase() === wanted.toLowerCase();
}
