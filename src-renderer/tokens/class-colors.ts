/** Okabe and Ito's colours in a fixed order, so that a class keeps its colour everywhere. */
const hues = ['#e69f00', '#56b4e9', '#009e73', '#f0e442', '#0072b2', '#d55e00', '#cc79a7'] as const;

/** Grey tones for the classes after the seventh; they are told apart by label, not by colour. */
const greys = {
  light: ['#3c4248', '#83898e', '#c3c6c6'],
  dark: ['#d3d6d8', '#8e959b', '#4f565c'],
} as const;

/** The fill of a class in a chart. */
export function classColor(label: number, theme: 'light' | 'dark'): string {
  if (label < 0) return greys[theme][1];
  return hues[label] ?? greys[theme][(label - hues.length) % 3] ?? greys[theme][1];
}

/** The same as a custom property, for style sheets. */
export function classColorVariable(label: number): string {
  const at = label < 0 ? 8 : label < 10 ? label : 7 + ((label - 7) % 3);
  return `var(--class-${at})`;
}

/** Ink that can be read on a fill. */
export function inkOn(fill: string): string {
  const value = Number.parseInt(fill.slice(1), 16);
  const channel = (shift: number) => {
    const part = ((value >> shift) & 255) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0);
  return luminance > 0.18 ? '#101214' : '#ffffff';
}
