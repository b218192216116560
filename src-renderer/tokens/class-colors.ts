/**
 * Okabe and Ito's colours. Orange is kept for the predicted class; the other seven are given to the
 * classes in a fixed order, so that a class keeps its colour everywhere; later classes are grey and
 * told apart by their labels.
 */
const predictedColor = '#e69f00';
const inkHue = { light: '#3c4248', dark: '#d3d6d8' } as const;
const hues = ['#56b4e9', '#009e73', '#f0e442', '#0072b2', '#d55e00', '#cc79a7'] as const;
const greys = {
  light: ['#83898e', '#c3c6c6'],
  dark: ['#8e959b', '#565d64'],
} as const;

type ThemeName = 'light' | 'dark';

/** The fill of a class in a chart; orange where it is the predicted one. */
export function classColor(label: number, theme: ThemeName, predicted?: number): string {
  if (label === predicted) return predictedColor;
  if (label < 0) return greys[theme][0];
  if (label === hues.length) return inkHue[theme];
  return hues[label] ?? greys[theme][(label - hues.length - 1) % 2] ?? greys[theme][0];
}

/** Cividis, the part of it that stands out on white, and the part that does on black. */
const ramps = {
  light: [0x00204d, 0x31446b, 0x666970, 0x958f78],
  dark: [0x666970, 0x958f78, 0xcab969, 0xffea46],
} as const;

/** The line of a layer: the deeper in the network, the lighter. No class has it. */
export function layerColor(at: number, count: number, theme: ThemeName): string {
  const ramp = ramps[theme];
  const place = count > 1 ? (at / (count - 1)) * (ramp.length - 1) : 0;
  const [low = 0, high = 0] = [ramp[Math.floor(place)], ramp[Math.ceil(place)]];
  const part = place - Math.floor(place);
  const mixed = [16, 8, 0].map((shift) => {
    const [from, to] = [(low >> shift) & 255, (high >> shift) & 255];
    return Math.round(from + (to - from) * part)
      .toString(16)
      .padStart(2, '0');
  });
  return `#${mixed.join('')}`;
}

/** A class's fill as a custom property, for style sheets. */
export function classColorVariable(label: number, predicted?: number): string {
  if (label === predicted) return 'var(--class-predicted)';
  const known = hues.length + 1;
  const at = label < 0 ? known : label < known ? label : known + ((label - known) % 2);
  return `var(--class-${at})`;
}

/** Whether a line of a colour is hard to tell from the window's ground: contrast below 3 to 1. */
export function isFaint(color: string, theme: ThemeName): boolean {
  const luminance = luminanceOf(color);
  return theme === 'light' ? luminance > 0.3 : luminance < 0.135;
}

/** Ink that can be read on a fill. */
export function inkOn(fill: string): string {
  return luminanceOf(fill) > 0.18 ? '#101214' : '#ffffff';
}

/** Relative luminance of WCAG, 0 to 1. */
function luminanceOf(color: string): number {
  const value = Number.parseInt(color.slice(1), 16);
  const channel = (shift: number) => {
    const part = ((value >> shift) & 255) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0);
}
