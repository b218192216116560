import { BrowserWindow, Notification } from 'electron';
import type { RecordingEnd } from './recordings';

/** No word of what is recorded: a notification can be read by whoever passes the screen. */
const words: Readonly<Record<RecordingEnd, string | null>> = {
  finished: 'A recording is finished.',
  // The auditor asked for it.
  stopped: null,
  failed: 'A recording has ended before its last step. What was saved can be continued.',
  held: 'A recording is paused and needs you.',
};

/** Says that a recording has come to rest, where no window of ours is in front. */
export function notifyOf(end: RecordingEnd): void {
  const body = words[end];
  if (body === null || BrowserWindow.getFocusedWindow() !== null) return;
  if (Notification.isSupported()) new Notification({ title: 'Deltascope', body }).show();
}
