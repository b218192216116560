import { app, BrowserWindow, nativeTheme, type Session, screen, session } from 'electron';
import { windowOrigin } from './protocol';
import type { SettingsFile } from './settings';
import { minimumSize, windowPlace } from './window-place';

/** Rights of every page of ours: none beyond the bridge. */
export const pagePreferences = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  webviewTag: false,
  spellcheck: false,
  devTools: !app.isPackaged,
} as const;

/** Opens the window where it was left; it shows itself once its first picture is there. */
export function openMainWindow(
  settings: SettingsFile,
  preload: string,
  own: Session = session.defaultSession,
): BrowserWindow {
  const areas = screen.getAllDisplays().map(({ workArea }) => workArea);
  const { window: remembered } = settings.values;
  const window = new BrowserWindow({
    ...windowPlace(remembered ?? undefined, areas),
    minWidth: minimumSize.width,
    minHeight: minimumSize.height,
    useContentSize: false,
    show: false,
    title: 'Deltascope',
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#131517' : '#f5f5f2',
    webPreferences: { ...pagePreferences, preload, session: own },
  });
  if (remembered?.maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () => {
    settings.change({
      window: { ...window.getNormalBounds(), maximized: window.isMaximized() },
    });
  });
  void window.loadURL(`${windowOrigin}/index.html`);
  return window;
}
