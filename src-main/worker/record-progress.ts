import type { MetricPoint, RecordProgress } from '../../src-shared/contract/progress';
import type { StepReport } from '../engine/training';

/** Milliseconds between two progress messages: ten a second are enough for the eye. */
const interval = 100;
/** Steps that the time left is estimated from. */
const window = 50;

/** What was written is noted so many times at most. */
const mostNotes = 400;

/** Turns what training reports of each step into a thinned stream of progress. */
export class RecordProgressStream {
  private metrics: MetricPoint[] = [];
  private times: number[] = [];
  private lastSent = Number.NEGATIVE_INFINITY;
  private step = 0;
  private epoch = 0;
  /** What was written after some steps, the oldest first. */
  private written: { readonly step: number; readonly bytes: number }[] = [];

  constructor(
    private readonly steps: number,
    private readonly trace: { readonly bytesWritten: number; readonly committedSteps: number },
    private readonly startBytes: number,
    private readonly startStep: number,
    private readonly send: (progress: RecordProgress) => void,
  ) {
    this.step = startStep;
  }

  onStep(report: StepReport): void {
    const now = performance.now();
    this.step = report.step + 1;
    this.epoch = report.epoch;
    this.times.push(now);
    if (this.times.length > window) this.times.shift();
    if (!report.recorded) return;
    const { step, loss, accuracy } = report;
    this.metrics.push({ step, loss, accuracy });
    if (now - this.lastSent >= interval) this.tell('training');
  }

  /** Sends where the recording stands, with all metrics since the last time. */
  tell(state: RecordProgress['state'], reason?: string): void {
    this.lastSent = performance.now();
    const { bytesWritten, committedSteps } = this.trace;
    this.send({
      kind: 'record',
      state,
      step: this.step,
      steps: this.steps,
      epoch: this.epoch,
      secondsLeft: state === 'training' ? this.secondsLeft() : null,
      bytesWritten,
      bytesExpected: this.bytesExpected(bytesWritten),
      committedSteps,
      metrics: this.metrics,
      ...(reason === undefined ? {} : { reason }),
    });
    this.metrics = [];
  }

  /** A pause must not count as slow steps. */
  forgetTimes(): void {
    this.times = [];
  }

  private secondsLeft(): number | null {
    const [first] = this.times;
    const last = this.times[this.times.length - 1];
    if (first === undefined || last === undefined || this.times.length < 5) return null;
    const perStep = (last - first) / (this.times.length - 1) / 1000;
    return perStep * (this.steps - this.step);
  }

  /** By the last quarter of the steps: the first epoch stores what later ones know already. */
  private bytesExpected(bytesWritten: number): number {
    const { step, startStep, startBytes } = this;
    const from = startStep + 0.75 * (step - startStep);
    while ((this.written[1]?.step ?? Number.POSITIVE_INFINITY) <= from) this.written.shift();
    const last = this.written[this.written.length - 1];
    if (!last || step - last.step >= this.steps / mostNotes) {
      this.written.push({ step, bytes: bytesWritten });
    }
    const [first] = this.written;
    const since = first && first.step <= from ? first : { step: startStep, bytes: startBytes };
    const done = step - since.step;
    if (done <= 0) return bytesWritten;
    return bytesWritten + ((bytesWritten - since.bytes) / done) * (this.steps - step);
  }
}
