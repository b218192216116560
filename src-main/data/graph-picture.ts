import type { Thumbnail } from '../../src-shared/contract/views';
import type { Graph } from '../engine/graphs';

/** Larger graphs are a tangle at this size. */
export const mostDrawnNodes = 60;
const side = 112;
const margin = 9;
const rounds = 200;

/**
 * A small graph as a picture: nodes as dots, edges as lines without their direction; null where it
 * has too many nodes. The same graph gives the same picture.
 */
export function graphPicture({ nodes, source, target }: Graph): Thumbnail | null {
  if (nodes > mostDrawnNodes) return null;
  const places = layout(nodes, source, target);
  const ink = new Float32Array(side * side);
  for (let edge = 0; edge < source.length; edge++) {
    const [u, v] = [source[edge] as number, target[edge] as number];
    if (u !== v) drawSegment(ink, places[u] as Point, places[v] as Point, 0.7, 0.55);
  }
  const radius = nodes > 30 ? 2.2 : 3.4;
  for (const place of places) drawSegment(ink, place, place, radius, 1);
  const pixels = Uint8Array.from(ink, (value) => Math.round(255 * (1 - value)));
  return { width: side, height: side, channels: 1, pixels };
}

type Point = readonly [x: number, y: number];

/**
 * Fruchterman and Reingold's springs (1991) from a circle on: nodes push each other away by k²/d,
 * edges pull by d²/k, and no node moves further than a temperature that sinks to 0.
 */
function layout(nodes: number, source: Int32Array, target: Int32Array): readonly Point[] {
  const x = Float64Array.from({ length: nodes }, (_, i) => Math.cos((2 * Math.PI * i) / nodes));
  const y = Float64Array.from({ length: nodes }, (_, i) => Math.sin((2 * Math.PI * i) / nodes));
  const k = Math.sqrt(4 / nodes);
  for (let round = 0; round < rounds; round++) {
    const dx = new Float64Array(nodes);
    const dy = new Float64Array(nodes);
    const push = (u: number, v: number, force: (distance: number) => number): void => {
      const [ax, ay] = [(x[u] as number) - (x[v] as number), (y[u] as number) - (y[v] as number)];
      const distance = Math.max(1e-3, Math.hypot(ax, ay));
      const factor = force(distance) / distance;
      dx[u] = (dx[u] as number) + ax * factor;
      dy[u] = (dy[u] as number) + ay * factor;
      dx[v] = (dx[v] as number) - ax * factor;
      dy[v] = (dy[v] as number) - ay * factor;
    };
    for (let u = 0; u < nodes; u++) {
      for (let v = u + 1; v < nodes; v++) push(u, v, (distance) => (k * k) / distance);
    }
    for (let edge = 0; edge < source.length; edge++) {
      const [u, v] = [source[edge] as number, target[edge] as number];
      if (u !== v) push(u, v, (distance) => -(distance * distance) / k);
    }
    const temperature = 0.2 * (1 - round / rounds);
    for (let u = 0; u < nodes; u++) {
      const length = Math.hypot(dx[u] as number, dy[u] as number);
      const step = length > 0 ? Math.min(length, temperature) / length : 0;
      x[u] = (x[u] as number) + (dx[u] as number) * step;
      y[u] = (y[u] as number) + (dy[u] as number) * step;
    }
  }
  return fitted(x, y);
}

/** Moved and scaled into the picture, both axes alike. */
function fitted(x: Float64Array, y: Float64Array): readonly Point[] {
  const [left, right] = [Math.min(...x), Math.max(...x)];
  const [top, bottom] = [Math.min(...y), Math.max(...y)];
  const scale = (side - 2 * margin) / Math.max(right - left, bottom - top, 1e-6);
  const at = (value: number, low: number, high: number): number =>
    side / 2 + (value - (low + high) / 2) * (high - low > 1e-6 || scale < 1e3 ? scale : 0);
  return Array.from(x, (value, i) => [at(value, left, right), at(y[i] as number, top, bottom)]);
}

/** Darkens what lies within `radius` of a segment, its edge blurred over one pixel. */
function drawSegment(
  ink: Float32Array,
  [ax, ay]: Point,
  [bx, by]: Point,
  radius: number,
  strength: number,
): void {
  const reach = radius + 1;
  const span = (a: number, b: number): readonly [number, number] => [
    Math.max(0, Math.floor(Math.min(a, b) - reach)),
    Math.min(side - 1, Math.ceil(Math.max(a, b) + reach)),
  ];
  const [fromX, toX] = span(ax, bx);
  const [fromY, toY] = span(ay, by);
  const squared = (bx - ax) ** 2 + (by - ay) ** 2;
  for (let py = fromY; py <= toY; py++) {
    for (let px = fromX; px <= toX; px++) {
      const along = ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / (squared || 1);
      const t = Math.max(0, Math.min(1, along));
      const distance = Math.hypot(px - ax - t * (bx - ax), py - ay - t * (by - ay));
      const cover = strength * Math.max(0, Math.min(1, radius + 0.5 - distance));
      const at = py * side + px;
      ink[at] = Math.max(ink[at] as number, cover);
    }
  }
}
