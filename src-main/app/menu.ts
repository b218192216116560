import { app, type BrowserWindow, Menu, type MenuItemConstructorOptions } from 'electron';
import { type Screen, screens, type WindowCommand } from '../../src-shared/contract/window-command';
import { sendCommand } from './ipc';

const screenTitles: Readonly<Record<Screen, string>> = {
  home: 'Home',
  new: 'New Recording',
  monitor: 'Monitor',
  explain: 'Explain',
  layers: 'Layers',
  report: 'Report',
};

/** Sets the menu bar; its entries are commands that the window carries out. */
export function setMenu(window: () => BrowserWindow | null): void {
  const send = (command: WindowCommand) => () => {
    const target = window();
    if (target) sendCommand(target, command);
  };
  const file: MenuItemConstructorOptions = {
    label: '&File',
    submenu: [
      {
        label: 'New Recording…',
        accelerator: 'CmdOrCtrl+N',
        click: send({ kind: 'show', screen: 'new' }),
      },
      { label: 'Open Run…', accelerator: 'CmdOrCtrl+O', click: send({ kind: 'open-run' }) },
      { type: 'separator' },
      {
        label: 'Export Report…',
        accelerator: 'CmdOrCtrl+Shift+E',
        click: send({ kind: 'export-report' }),
      },
      { type: 'separator' },
      { role: process.platform === 'darwin' ? 'close' : 'quit' },
    ],
  };
  const view: MenuItemConstructorOptions = {
    label: '&View',
    submenu: [
      ...screens.map(
        (screen, at): MenuItemConstructorOptions => ({
          label: screenTitles[screen],
          accelerator: `CmdOrCtrl+${at + 1}`,
          click: send({ kind: 'show', screen }),
        }),
      ),
      { type: 'separator' },
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { role: 'togglefullscreen' },
    ],
  };
  const help: MenuItemConstructorOptions = {
    role: 'help',
    submenu: [{ label: 'Keys', accelerator: 'F1', click: send({ kind: 'show-keys' }) }],
  };
  const template: MenuItemConstructorOptions[] = [
    ...(process.platform === 'darwin' ? [{ role: 'appMenu' } as const] : []),
    file,
    { role: 'editMenu' },
    view,
    { role: 'windowMenu' },
    help,
  ];
  app.applicationMenu = Menu.buildFromTemplate(template);
}
