import { basename } from 'node:path';
import { app, BrowserWindow, Menu, type MenuItemConstructorOptions } from 'electron';
import { type CommandId, commandsOf, type MenuName } from '../../src-shared/commands';
import type { WindowCommand } from '../../src-shared/contract/window-command';
import { sendCommand } from './ipc';
import type { RegisteredRun } from './run-registry';

/** Runs that File → Open recent offers. */
const mostRecent = 10;

/** What the desktop does better itself than a window that is asked to. */
const roles: Partial<Record<CommandId, MenuItemConstructorOptions['role']>> = {
  copy: 'copy',
  'zoom-in': 'zoomIn',
  'zoom-out': 'zoomOut',
  'zoom-reset': 'resetZoom',
  'full-screen': 'togglefullscreen',
};

/** The menu bar, made of the table of commands; its entries are carried out by the window. */
export class MenuBar {
  readonly #window: () => BrowserWindow | null;
  readonly #recent: () => readonly RegisteredRun[];
  #refused: ReadonlySet<CommandId> = new Set();

  /** @param recent the runs that can be opened again, the last one first */
  constructor(
    window: () => BrowserWindow | null,
    recent: () => readonly RegisteredRun[] = () => [],
  ) {
    this.#window = window;
    this.#recent = recent;
  }

  /** Greys out what the window can't do now. */
  refuse(commands: readonly CommandId[]): void {
    this.#refused = new Set(commands);
    for (const menu of ['file', 'edit', 'view', 'run', 'help'] as const) {
      for (const { id } of commandsOf(menu)) {
        const item = app.applicationMenu?.getMenuItemById(id);
        if (item) item.enabled = !this.#refused.has(id);
      }
    }
  }

  /** Sets the menu bar as it is to be now. */
  draw(): void {
    const mac = process.platform === 'darwin';
    const file = this.#entries('file');
    file.splice(2, 0, this.#recentRuns());
    file.push({ type: 'separator' }, { role: mac ? 'close' : 'quit' });
    const edit = this.#entries('edit');
    const copy = edit.findIndex(({ id }) => id === 'copy');
    edit.splice(copy + 1, 0, { role: 'paste' }, { role: 'selectAll', label: 'Select all' });
    edit.splice(copy, 0, { role: 'cut' });
    app.applicationMenu = Menu.buildFromTemplate([
      ...(mac ? [{ role: 'appMenu' } as const] : []),
      { label: '&File', submenu: file },
      { label: '&Edit', submenu: edit },
      { label: '&View', submenu: this.#entries('view') },
      { label: '&Run', submenu: this.#entries('run') },
      { role: 'windowMenu' },
      { role: 'help', submenu: this.#entries('help') },
    ]);
  }

  #entries(menu: MenuName): MenuItemConstructorOptions[] {
    return commandsOf(menu).flatMap(({ id, title, accelerator, apart }) => {
      const role = roles[id];
      const item: MenuItemConstructorOptions = {
        id,
        label: title,
        enabled: !this.#refused.has(id),
        ...(accelerator === undefined ? {} : { accelerator }),
        ...(role === undefined
          ? { click: () => this.#send({ kind: 'do', command: id }) }
          : { role }),
      };
      return apart ? [{ type: 'separator' }, item] : [item];
    });
  }

  #recentRuns(): MenuItemConstructorOptions {
    const runs = this.#recent().slice(0, mostRecent);
    return {
      label: 'Open recent',
      enabled: runs.length > 0,
      submenu: runs.map(({ id, folder }) => ({
        // In a label & marks the letter that opens it.
        label: basename(folder).replaceAll('&', '&&'),
        click: () => this.#send({ kind: 'open-recent', run: id }),
      })),
    };
  }

  #send(command: WindowCommand): void {
    const target = BrowserWindow.getFocusedWindow() ?? this.#window();
    if (target) sendCommand(target, command);
  }
}
