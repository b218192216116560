import type { StepInfluence } from './explanation';

/** One class's ridge: a weighted kernel density of cos_t over that class's steps. */
export interface Ridge {
  readonly label: number;
  /** Density at the plot's grid; all zero where the class has no step with weight. */
  readonly density: Float64Array;
  /** Mean of cos_t weighted by ‖Δ_t f‖. */
  readonly meanCos: number;
  /** Σ ‖Δ_t f‖ over the class's steps. */
  readonly weight: number;
  readonly steps: number;
}

/** Alg. 3 of the paper for one layer. */
export interface RidgePlot {
  readonly layer: string;
  /** Abscissae, −1 … 1. */
  readonly grid: Float64Array;
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
  steps: StepInfluence,
  probabilities: readonly number[],
): RidgePlot {
  const grid = Float64Array.from({ length: gridPoints }, (_, i) => -1 + (2 * i) / (gridPoints - 1));
  const ranking = probabilities.map((_, label) => label);
  ranking.sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0) || a - b);
  const ridges = ranking.slice(0, shownClasses).map((label) => ridgeOf(label, steps, grid));
  return { layer, grid, ridges, predicted: ranking[0] ?? -1, bandwidthFactor };
}

function ridgeOf(label: number, steps: StepInfluence, grid: Float64Array): Ridge {
  const values: number[] = [];
  const weights: number[] = [];
  for (let t = 0; t < steps.label.length; t++) {
    if (steps.label[t] !== label) continue;
    values.push(steps.cos[t] as number);
    weights.push(steps.norm[t] as number);
  }
  const weight = weights.reduce((sum, w) => sum + w, 0);
  const meanCos =
    weight > 0 ? values.reduce((sum, v, i) => sum + v * (weights[i] as number), 0) / weight : 0;
  const density = weightedDensity(values, weights, grid, bandwidthFactor);
  return { label, density, meanCos, weight, steps: values.length };
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
