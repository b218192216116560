/**
 * Derivatives of a function of fp32 values by the five-point formula: exact for what is linear
 * within two steps, off by O(h⁴) elsewhere.
 *
 * @param values where to differentiate; changed while it runs and put back
 */
export function finiteDifferences(
  values: Float32Array,
  evaluate: () => number,
  step: number,
): Float64Array {
  const derivative = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const kept = values[i] as number;
    const at = (places: number): number => {
      values[i] = kept + places * step;
      return evaluate();
    };
    derivative[i] = (at(-2) - 8 * at(-1) + 8 * at(1) - at(2)) / (12 * step);
    values[i] = kept;
  }
  return derivative;
}

/**
 * Distinct values in a scattered order, no two nearer than 0.25: none crosses another, or 0, within
 * the steps that differences are taken with.
 */
export function scattered(count: number, salt: number): Float32Array {
  const order = Array.from({ length: count }, (_, i) => i);
  const key = (i: number): number => Math.sin(12.9898 * (i + 1) + 78.233 * salt);
  order.sort((a, b) => key(a) - key(b));
  return Float32Array.from(order, (place) => (place - count / 2 + 0.5) * 0.25);
}

/** Values between −1 and 1 without a pattern. */
export function rough(count: number, salt: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin(7.13 * i * i + 3.7 * i + salt));
}

export function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`${a.length} values against ${b.length}`);
  return Array.from(a).reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))),
    0,
  );
}
