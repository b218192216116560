import { type BrowserWindow, powerSaveBlocker } from 'electron';
import type { RecordingsState } from './recordings';

/** Keeps the machine awake while recording, and shows how far it is in the task bar. */
export class DesktopPresence {
  #blocker: number | null = null;

  update(state: RecordingsState, window: BrowserWindow | null): void {
    const awake = state.count > 0 && !state.paused;
    if (awake && this.#blocker === null) {
      this.#blocker = powerSaveBlocker.start('prevent-app-suspension');
    } else if (!awake && this.#blocker !== null) {
      powerSaveBlocker.stop(this.#blocker);
      this.#blocker = null;
    }
    if (!window || window.isDestroyed()) return;
    if (state.count === 0) window.setProgressBar(-1);
    else window.setProgressBar(state.fraction, { mode: state.paused ? 'paused' : 'normal' });
  }
}
