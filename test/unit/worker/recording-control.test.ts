import { describe, expect, it } from 'vitest';
import { RecordingControl } from '../../../src-main/worker/recording-control';

/** Whether the gate is open by the time that all waiting work has run. */
async function isOpen(control: RecordingControl): Promise<boolean> {
  let open = false;
  void control.admission().then(() => {
    open = true;
  });
  await new Promise((wake) => setImmediate(wake));
  return open;
}

describe('the control of a recording', () => {
  it('lets it go on until it is paused, and again when it is resumed', async () => {
    const control = new RecordingControl();
    expect([control.paused, await isOpen(control)]).toEqual([false, true]);
    control.pause();
    expect([control.paused, await isOpen(control)]).toEqual([true, false]);
    control.resume();
    expect([control.paused, await isOpen(control)]).toEqual([false, true]);
    expect(control.signal.aborted).toBe(false);
  });

  it('opens for whoever waits, however often it was paused', async () => {
    const control = new RecordingControl();
    control.pause();
    const first = control.admission();
    control.pause();
    const second = control.admission();
    control.resume();
    await expect(Promise.all([first, second])).resolves.toEqual([undefined, undefined]);
    control.pause();
    expect(await isOpen(control)).toBe(false);
  });

  it('ends a paused recording when it is stopped', async () => {
    const control = new RecordingControl();
    control.pause();
    const waiting = control.admission();
    control.stop();
    await waiting;
    expect([control.paused, control.signal.aborted]).toEqual([false, true]);
  });
});
