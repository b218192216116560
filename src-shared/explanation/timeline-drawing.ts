import type {
  EpochInfluence,
  ExplanationUnit,
  LayerExplanation,
  StepInfluence,
  StepRange,
} from './explanation';
import type { StepCourse } from './timeline';

/** The influence timeline of one layer as it is drawn, in the window and on paper. */
export interface TimelineDrawing {
  readonly layer: string;
  /** What shares are parts of. */
  readonly whole: 'signal' | 'margin';
  /** What a step counts for. */
  readonly unit: ExplanationUnit;
  /** The steps that are drawn. */
  readonly range: StepRange;
  /** All steps there are. */
  readonly steps: number;
  readonly courses: readonly ClassCourse[];
  /** γ of single steps; not all of them where there are many. */
  readonly bars: readonly StepBar[];
  /** [step, η], its corners. */
  readonly rates: readonly (readonly [number, number])[];
  readonly epochs: readonly EpochInfluence[];
  /** Share that was there before the first step. */
  readonly initialization: number;
}

/** γ of one step as a share of the whole signal. */
export interface StepBar {
  readonly step: number;
  /** Class of the step's batch; −1 where it mixes classes. */
  readonly label: number;
  readonly share: number;
}

/** What is drawn of a layer's steps within a range, at no more than about `limit` places. */
export function timelineDrawing(
  layer: LayerExplanation,
  course: StepCourse,
  range: StepRange,
  limit: number,
): TimelineDrawing {
  const { steps } = layer;
  const whole = layer.total ?? layer.normSquared;
  return {
    layer: layer.name,
    whole: layer.total === undefined ? 'signal' : 'margin',
    unit: layer.stored === 'update' ? 'update' : layer.unit,
    range,
    steps: steps.gamma.length,
    courses: classCourses(steps, range, whole, limit),
    bars: minmaxSteps(steps.gamma, range, limit).map((step) => ({
      step,
      label: steps.label[step] as number,
      share: (steps.gamma[step] as number) / whole,
    })),
    rates: cornersOf(course.learningRate, range, limit),
    epochs: layer.timeline,
    initialization: layer.initializationShare,
  };
}

/** Σ γ of one class up to the end of each drawn step, as a share of the whole signal. */
export interface ClassCourse {
  readonly label: number;
  /** [steps done, share], beginning with what was there when the range begins. */
  readonly points: readonly (readonly [number, number])[];
}

/**
 * The contributions of the steps so far by class, drawn at no more than `limit` places of a range.
 * Sums lose nothing by that: every step is in the next point.
 */
export function classCourses(
  steps: StepInfluence,
  { from, to }: StepRange,
  whole: number,
  limit: number,
): ClassCourse[] {
  const every = Math.max(1, Math.ceil((to - from) / limit));
  const sums = new Map<number, number>();
  for (const label of [...new Set(steps.label)].sort((a, b) => a - b)) sums.set(label, 0);
  const courses = new Map([...sums.keys()].map((label) => [label, [] as [number, number][]]));
  const mark = (done: number) => {
    for (const [label, points] of courses) points.push([done, (sums.get(label) ?? 0) / whole]);
  };
  if (from === 0) mark(0);
  for (let t = 0; t < to; t++) {
    const label = steps.label[t] as number;
    sums.set(label, (sums.get(label) ?? 0) + (steps.gamma[t] as number));
    const done = t + 1;
    if (done === from || (done > from && ((done - from) % every === 0 || done === to))) mark(done);
  }
  return [...courses].map(([label, points]) => ({ label, points }));
}

/**
 * Steps of a range that are drawn when not all of them can be: the smallest and the largest value of
 * each of `limit` / 2 stretches, so that no spike is lost, in step order.
 */
export function minmaxSteps(
  values: Float64Array,
  { from, to }: StepRange,
  limit: number,
): number[] {
  const count = to - from;
  if (count <= limit) return Array.from({ length: count }, (_, at) => from + at);
  const stretches = Math.max(1, Math.floor(limit / 2));
  const chosen: number[] = [];
  for (let s = 0; s < stretches; s++) {
    const begin = from + Math.floor((s * count) / stretches);
    const end = from + Math.floor(((s + 1) * count) / stretches);
    let least = begin;
    let most = begin;
    for (let t = begin + 1; t < end; t++) {
      if ((values[t] as number) < (values[least] as number)) least = t;
      if ((values[t] as number) > (values[most] as number)) most = t;
    }
    chosen.push(Math.min(least, most));
    if (least !== most) chosen.push(Math.max(least, most));
  }
  return chosen;
}

/** The steps at which a value changes, with the step before each; thinned where there are many. */
export function cornersOf(
  values: Float64Array,
  { from, to }: StepRange,
  limit: number,
): [number, number][] {
  const places: number[] = [];
  for (let t = from; t < to; t++) {
    const turns = values[t] !== values[t - 1] || values[t] !== values[t + 1];
    if (t === from || t === to - 1 || turns) places.push(t);
  }
  const every = Math.max(1, Math.ceil(places.length / limit));
  return places
    .filter((_, at) => at % every === 0 || at === places.length - 1)
    .map((t) => [t, values[t] as number]);
}

/** What reads a spreadsheet: one line for each step of a range, none left out. */
export function timelineCsv(
  steps: StepInfluence,
  course: StepCourse,
  { from, to }: StepRange,
  whole: number,
  className: (label: number) => string,
): string {
  const lines = ['step,epoch,learningRate,class,gamma,share,cos,norm'];
  for (let t = from; t < to; t++) {
    const gamma = steps.gamma[t] as number;
    const name = className(steps.label[t] as number).replaceAll('"', '""');
    const place = [t, (course.epoch[t] as number) + 1, course.learningRate[t], `"${name}"`];
    lines.push([...place, gamma, gamma / whole, steps.cos[t], steps.norm[t]].join(','));
  }
  return `${lines.join('\n')}\n`;
}
