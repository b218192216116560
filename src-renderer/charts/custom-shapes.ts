/**
 * The few shapes that custom series draw, in ECharts' words. Its own types for them are a union of
 * everything; these are what is used here.
 */

export interface ShapeStyle {
  readonly fill?: string | DecalFill;
  readonly stroke?: string;
  readonly lineWidth?: number;
  readonly lineDash?: readonly number[];
  readonly opacity?: number;
  readonly text?: string;
  readonly font?: string;
  readonly textAlign?: 'left' | 'center' | 'right';
  readonly textVerticalAlign?: 'top' | 'middle' | 'bottom';
  /** Behind a text, and how far beyond it. */
  readonly backgroundColor?: string;
  readonly padding?: readonly [number, number];
}

export interface DecalFill {
  readonly image: HTMLCanvasElement;
  readonly repeat: 'repeat';
}

export type Shape =
  | { type: 'group'; $mergeChildren: false; children: Shape[] }
  | {
      type: 'polygon' | 'polyline';
      shape: { points: number[][] };
      style: ShapeStyle;
      silent?: boolean;
    }
  | {
      type: 'rect';
      shape: { x: number; y: number; width: number; height: number; r?: number };
      style: ShapeStyle;
      silent?: boolean;
    }
  | {
      type: 'line';
      shape: { x1: number; y1: number; x2: number; y2: number };
      style: ShapeStyle;
      silent?: boolean;
    }
  | {
      type: 'text';
      x: number;
      y: number;
      /** Radians, counter-clockwise. */
      rotation?: number;
      style: ShapeStyle;
      silent?: boolean;
    };

/**
 * Shapes drawn together. They replace what was drawn before: the number of children follows the
 * width, and ECharts would otherwise lay new shapes over old ones of another kind.
 */
export function group(children: Shape[]): Shape {
  return { type: 'group', $mergeChildren: false, children };
}

/** What a custom series is given to draw one item. */
export interface DrawingApi {
  coord(point: readonly [number, number]): [number, number];
  size(extent: readonly [number, number]): [number, number];
}

export interface DrawingParams {
  readonly dataIndex: number;
  readonly coordSys: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  };
}

/** Lines at 45° clipped to a rectangle: a hatch that every renderer and printer draws alike. */
export function hatch(
  area: { x: number; y: number; width: number; height: number },
  gap: number,
  style: ShapeStyle,
  falling = false,
): Shape[] {
  const { x, y, width, height } = area;
  const lines: Shape[] = [];
  for (let start = -height + gap / 2; start < width; start += gap) {
    const from = Math.max(0, start);
    const to = Math.min(width, start + height);
    if (to <= from) continue;
    const rise = (at: number) => (falling ? y + (at - start) : y + height - (at - start));
    const shape = { x1: x + from, y1: rise(from), x2: x + to, y2: rise(to) };
    lines.push({ type: 'line', shape, style, silent: true });
  }
  return lines;
}
