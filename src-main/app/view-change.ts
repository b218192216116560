import type { BrowserWindow } from 'electron';
import type { ViewChange } from '../../src-shared/contract/app/shell';

/** Zoom levels are powers of 1.2; these are 50 % to 300 %, as in a browser. */
const step = 0.5;
const [lowest, highest] = [-4, 6];

/** Zooms a window, or lets it fill the screen and back. */
export function changeView(window: BrowserWindow, change: ViewChange): void {
  const { webContents } = window;
  const level = webContents.getZoomLevel();
  if (change === 'full-screen') window.setFullScreen(!window.isFullScreen());
  else if (change === 'zoom-reset') webContents.setZoomLevel(0);
  else if (change === 'zoom-in') webContents.setZoomLevel(Math.min(highest, level + step));
  else webContents.setZoomLevel(Math.max(lowest, level - step));
}
