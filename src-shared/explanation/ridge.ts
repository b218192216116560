import type { ExampleInfluence, StepInfluence } from './explanation';

/** What a ridge's density is over: a class's steps or, where steps mix classes, its examples. */
export type RidgeUnits = 'steps' | 'examples';

/** One class's ridge: a weighted kernel density over the class's steps or examples. */
export interface Ridge {
  readonly label: number;
  /** Density at the plot's grid; all zero where the class has nothing with weight. */
  readonly density: Float64Array;
  /** Mean of cos_t weighted by ‖Δ_t f‖; of examples: mean share. */
  readonly mean: number;
  /** Σ ‖Δ_t f‖ over the class's steps; of examples, which weigh the same: their number. */
  readonly weight: number;
  /** Steps or examples. */
  readonly count: number;
}

/**
 * The values along a plot's axis: `bend` · sinh(place · asinh(`reach` / `bend`)), which is even near
 * 0 and goes by logarithms beyond `bend`. Without a bend, as of cos, it is even: `reach` · place.
 */
export interface RidgeAxis {
  /** The value at its end. */
  readonly reach: number;
  readonly bend: number | null;
}

/** One layer's ridge plot. */
export interface RidgePlot {
  readonly layer: string;
  readonly over: RidgeUnits;
  /** Places along the axis, −1 … 1. */
  readonly grid: Float64Array;
  readonly axis: RidgeAxis;
  /** Most probable class first. */
  readonly ridges: readonly Ridge[];
  readonly predicted: number;
  /** Bandwidth as a factor of the weighted standard deviation. */
  readonly bandwidthFactor: number;
}

/** The published code's factor. */
export const bandwidthFactor = 0.1;

const gridPoints = 257;
/** Standard deviations to either side beyond which a kernel adds nothing that is seen. */
const reach = 9;
const shownClasses = 10;

/**
 * Ridge plot data (Alg. 3): for each of the ten classes that the network finds most probable, the
 * density of cos_t over the class's steps, each weighted by ‖Δ_t f‖.
 *
 * @param probabilities what the final network says of the example, one a class
 */
export function ridgePlot(
  layer: string,
  { label, cos, norm }: StepInfluence,
  probabilities: readonly number[],
): RidgePlot {
  const steps = { label, place: cos, value: cos, weight: norm };
  const axis = { reach: 1, bend: null };
  return plotOf({ layer, over: 'steps', axis }, steps, probabilities);
}

/**
 * The same where steps mix classes: the density of the shares of a class's training examples, all
 * with the same weight. Few shares are large; the axis reaches to the largest and bends at the median
 * of their sizes, so that small ones are told apart too.
 *
 * @param influences γ of the training examples that took part
 * @param whole what shares are parts of
 */
export function exampleRidgePlot(
  layer: string,
  influences: readonly ExampleInfluence[],
  whole: number,
  probabilities: readonly number[],
): RidgePlot {
  const shown = new Set(shownOf(probabilities));
  const own = influences.filter(({ label }) => shown.has(label));
  const value = own.map(({ gamma }) => (gamma === 0 ? 0 : gamma / whole));
  const axis = axisOf(value);
  const examples = {
    label: own.map(({ label }) => label),
    place: value.map((share) => placeOf(axis, share)),
    value,
    weight: new Float64Array(own.length).fill(1),
  };
  return plotOf({ layer, over: 'examples', axis }, examples, probabilities);
}

/** The value that a place along a plot's axis stands for. */
export function valueAt({ reach: end, bend }: RidgeAxis, place: number): number {
  if (bend === null) return end * place;
  return bend * Math.sinh(place * Math.asinh(end / bend));
}

/** The axis of shares: to the largest, bent at the median size of those that are not 0. */
function axisOf(shares: readonly number[]): RidgeAxis {
  const sizes = Float64Array.from(shares.filter((share) => share !== 0).map(Math.abs)).sort();
  return { reach: sizes.at(-1) ?? 0, bend: sizes[Math.floor(sizes.length / 2)] ?? null };
}

/** The place of a value along an axis. */
function placeOf({ reach: end, bend }: RidgeAxis, value: number): number {
  if (value === 0 || bend === null) return 0;
  return Math.asinh(value / bend) / Math.asinh(end / bend);
}

/** Steps or examples, one entry each. */
interface Units {
  readonly label: ArrayLike<number>;
  /** Along the axis. */
  readonly place: ArrayLike<number>;
  readonly value: ArrayLike<number>;
  readonly weight: ArrayLike<number>;
}

function plotOf(
  about: Pick<RidgePlot, 'layer' | 'over' | 'axis'>,
  units: Units,
  probabilities: readonly number[],
): RidgePlot {
  const grid = Float64Array.from({ length: gridPoints }, (_, i) => -1 + (2 * i) / (gridPoints - 1));
  const shown = shownOf(probabilities);
  const ridges = shown.map((label) => ridgeOf(label, units, grid));
  return { ...about, grid, ridges, predicted: shown[0] ?? -1, bandwidthFactor };
}

/** The classes that have a ridge, the most probable first. */
function shownOf(probabilities: readonly number[]): number[] {
  const ranking = probabilities.map((_, label) => label);
  ranking.sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0) || a - b);
  return ranking.slice(0, shownClasses);
}

function ridgeOf(label: number, units: Units, grid: Float64Array): Ridge {
  const places: number[] = [];
  const weights: number[] = [];
  let weight = 0;
  let sum = 0;
  for (let i = 0; i < units.label.length; i++) {
    if (units.label[i] !== label) continue;
    const own = units.weight[i] as number;
    places.push(units.place[i] as number);
    weights.push(own);
    weight += own;
    sum += own * (units.value[i] as number);
  }
  const mean = weight > 0 ? sum / weight : 0;
  const density = weightedDensity(places, weights, grid, bandwidthFactor);
  return { label, density, mean, weight, count: places.length };
}

/**
 * Gaussian kernel density with weights, in SciPy's convention (`gaussian_kde(values,
 * bw_method=factor, weights=weights)`): kernel variance = factor² · Σ w (x − x̄)² / (1 − Σ w²) with
 * Σ w = 1. A class whose values don't spread gets a kernel two grid cells wide, so that it is still
 * seen.
 */
export function weightedDensity(
  values: readonly number[],
  weights: readonly number[],
  grid: Float64Array,
  factor: number,
): Float64Array {
  const density = new Float64Array(grid.length);
  const total = weights.reduce((sum, w) => sum + w, 0);
  if (total <= 0) return density;
  let mean = 0;
  let squares = 0;
  for (const [i, value] of values.entries()) {
    const w = (weights[i] as number) / total;
    mean += w * value;
    squares += w * w;
  }
  let spread = 0;
  for (const [i, value] of values.entries()) {
    spread += ((weights[i] as number) / total) * (value - mean) ** 2;
  }
  const variance = squares < 1 ? spread / (1 - squares) : 0;
  const cell = (grid[1] ?? 1) - (grid[0] ?? -1);
  const width = variance > 1e-18 ? factor * Math.sqrt(variance) : 2 * cell;
  const norm = 1 / (width * Math.sqrt(2 * Math.PI));
  const start = grid[0] ?? -1;
  // Neighbours on an even grid: exp(−(z+δ)²/2) = exp(−z²/2) · exp(−zδ − δ²/2), whose second factor
  // shrinks by exp(−δ²) from one to the next. Two exponentials a value, however wide its kernel.
  const delta = cell / width;
  const shrink = Math.exp(-delta * delta);
  for (let i = 0; i < values.length; i++) {
    const w = ((weights[i] as number) / total) * norm;
    if (w === 0) continue;
    const value = values[i] as number;
    const first = Math.max(0, Math.ceil((value - reach * width - start) / cell));
    const last = Math.min(grid.length - 1, Math.floor((value + reach * width - start) / cell));
    const z = (start + first * cell - value) / width;
    let height = w * Math.exp(-0.5 * z * z);
    let step = Math.exp(-z * delta - 0.5 * delta * delta);
    for (let g = first; g <= last; g++) {
      density[g] = (density[g] as number) + height;
      height *= step;
      step *= shrink;
    }
  }
  return density;
}
