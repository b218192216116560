export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const minimumSize = { width: 1024, height: 700 } as const;
export const defaultSize = { width: 1280, height: 800 } as const;

/**
 * Where the window opens: where it was, if enough of it would be seen on one of the screens there
 * are now; else centred on the first one at its default size. Always within that screen.
 */
export function windowPlace(
  remembered: Rectangle | undefined,
  screens: readonly Rectangle[],
): Rectangle {
  const screen = remembered && screens.find((area) => overlap(remembered, area) >= 0.25);
  const area = screen ?? screens[0] ?? { x: 0, y: 0, ...defaultSize };
  const wanted = screen && remembered ? remembered : centred(area);
  const width = clamp(wanted.width, minimumSize.width, Math.max(area.width, minimumSize.width));
  const height = clamp(
    wanted.height,
    minimumSize.height,
    Math.max(area.height, minimumSize.height),
  );
  return {
    x: clamp(wanted.x, area.x, Math.max(area.x, area.x + area.width - width)),
    y: clamp(wanted.y, area.y, Math.max(area.y, area.y + area.height - height)),
    width,
    height,
  };
}

function centred(area: Rectangle): Rectangle {
  return {
    x: area.x + Math.round((area.width - defaultSize.width) / 2),
    y: area.y + Math.round((area.height - defaultSize.height) / 2),
    ...defaultSize,
  };
}

/** Share of `rectangle` that lies on `area`. */
function overlap(rectangle: Rectangle, area: Rectangle): number {
  const width =
    Math.min(rectangle.x + rectangle.width, area.x + area.width) - Math.max(rectangle.x, area.x);
  const height =
    Math.min(rectangle.y + rectangle.height, area.y + area.height) - Math.max(rectangle.y, area.y);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / (rectangle.width * rectangle.height);
}

function clamp(value: number, low: number, high: number): number {
  return Math.round(Math.min(Math.max(value, low), high));
}
