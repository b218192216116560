import { BrowserWindow, Notification } from 'electron';
import type { AppMethods } from '../../src-shared/contract/app';
import type { RecordingEnd } from './recordings';

/** No word of what is recorded: a notification can be read by whoever passes the screen. */
const words: Readonly<Record<RecordingEnd, string | null>> = {
  finished: 'A recording is finished.',
  // The auditor asked for it.
  stopped: null,
  failed: 'A recording has ended before its last step. It can be resumed from what was saved.',
};

/** Who waits longer than this has turned to something else. */
const longMs = 10_000;

/** Questions to the trace, as against those that wait for the auditor. */
const questions: ReadonlySet<string> = new Set<keyof AppMethods>([
  'explain.example',
  'architecture.analyse',
  'architecture.compare',
  'report.preview',
  'release.check',
  'runs.verify',
]);

/** Says that a recording has come to rest, where no window of ours is in front. */
export function notifyOf(end: RecordingEnd): void {
  notify(words[end]);
}

/** Says that a question which took long is answered, where no window of ours is in front. */
export function notifyOfAnswer(method: string, tookMs: number): void {
  if (tookMs > longMs && questions.has(method)) notify('What was asked is answered.');
}

function notify(body: string | null): void {
  if (body === null || BrowserWindow.getFocusedWindow() !== null) return;
  if (Notification.isSupported()) new Notification({ title: 'Deltascope', body }).show();
}
