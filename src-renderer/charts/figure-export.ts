import type { ChartSpec, DrawChart, FigureSource } from './chart-spec';
import { type ChartTheme, printTheme } from './chart-theme';
import { drawnCanvas, drawnSvg } from './echarts';

/** More shapes than these are saved as pixels inside the SVG: vectors would be megabytes. */
export const mostVectorMarks = 5000;
const footerSize = 10;
const footerLine = 14;
/** Of a letter on the average, in parts of its size. */
const letterWidth = 0.54;

/** Unit, n and run of a figure, as they stand under what is exported: in as many lines as they take. */
export function footerOf({ unit }: ChartSpec, { n, run }: FigureSource, width: number): string[] {
  const most = Math.floor((width - 16) / (footerSize * letterWidth));
  const lines: string[] = [];
  for (const part of [unit, `n: ${n}`, run]) {
    const longer = [...lines.slice(-1), part].join(' · ');
    if (lines.length > 0 && longer.length <= most) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines;
}

function footerHeight(lines: readonly string[]): number {
  return 12 + footerLine * lines.length;
}

/** The same as lines before comma-separated values; readers skip what begins with #. */
export function figureHead(spec: ChartSpec, { n, run }: FigureSource): string {
  const lines = [spec.title, `unit: ${spec.unit}`, `n: ${n}`, run];
  return `${lines.map((line) => `# ${line.replaceAll(/\s+/g, ' ')}`).join('\n')}\n`;
}

/** A figure as SVG in the colours of paper, with title, description, unit, n and run. */
export function svgFigure(draw: DrawChart, width: number, source: FigureSource): string {
  const spec = draw(printTheme);
  const drawing =
    spec.marks > mostVectorMarks
      ? pixelsInside(drawnCanvas(spec, width, 2, printTheme.surface), width, spec.height)
      : drawnSvg(spec, width);
  return framedSvg(drawing, spec, width, source, printTheme);
}

/** Puts a drawing into an SVG that says what it is, with a line underneath. */
export function framedSvg(
  drawing: string,
  spec: ChartSpec,
  width: number,
  source: FigureSource,
  theme: ChartTheme,
): string {
  const footer = footerOf(spec, source, width);
  const height = spec.height + footerHeight(footer);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escaped(spec.title)}</title>`,
    `<desc id="desc">${escaped(spec.description)}</desc>`,
    `<rect width="${width}" height="${height}" fill="${theme.surface}"/>`,
    drawing,
    ...footer.map(
      (line, at) =>
        `<text x="8" y="${spec.height + 16 + at * footerLine}" font-family="${escaped(theme.fontFamily)}" font-size="${footerSize}" fill="${theme.ink2}">${escaped(line)}</text>`,
    ),
    '</svg>',
    '',
  ].join('\n');
}

function pixelsInside(canvas: HTMLCanvasElement, width: number, height: number): string {
  return `<image width="${width}" height="${height}" href="${canvas.toDataURL('image/png')}"/>`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** A figure as PNG, two pixels for each of the screen's, in the colours of paper. */
export async function pngFigure(
  draw: DrawChart,
  width: number,
  source: FigureSource,
): Promise<Uint8Array> {
  const spec = draw(printTheme);
  const drawing = drawnCanvas(spec, width, 2, printTheme.surface);
  const canvas = document.createElement('canvas');
  canvas.width = drawing.width;
  const footer = footerOf(spec, source, width);
  canvas.height = drawing.height + 2 * footerHeight(footer);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas to draw on');
  context.fillStyle = printTheme.surface;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(drawing, 0, 0);
  context.fillStyle = printTheme.ink2;
  context.font = `${2 * footerSize}px ${printTheme.fontFamily}`;
  for (const [at, line] of footer.entries()) {
    context.fillText(line, 16, drawing.height + 2 * (16 + at * footerLine));
  }
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) throw new Error('the picture could not be made');
  return new Uint8Array(await blob.arrayBuffer());
}
