/** Colours and type of charts; the same values as the tokens, for where no style sheet reaches. */
export interface ChartTheme {
  readonly name: 'light' | 'dark';
  readonly ink: string;
  readonly ink2: string;
  readonly ink3: string;
  readonly line: string;
  readonly axis: string;
  readonly surface: string;
  readonly neutral: string;
  readonly accent: string;
  readonly bad: string;
  readonly fontFamily: string;
  readonly fontSize: number;
}

const fontFamily =
  "'IBM Plex Sans Variable', 'IBM Plex Sans', system-ui, 'DejaVu Sans', sans-serif";

const light = {
  name: 'light',
  ink: '#15181b',
  ink2: '#474d53',
  ink3: '#62686e',
  line: '#e4e4e0',
  axis: '#8b8f92',
  surface: '#ffffff',
  neutral: '#d5d7d6',
  accent: '#1f4fb4',
  bad: '#a8231b',
} as const;

const dark = {
  name: 'dark',
  ink: '#eaeae6',
  ink2: '#b8bdc2',
  ink3: '#939aa1',
  line: '#2b3035',
  axis: '#6b737b',
  surface: '#1a1d20',
  neutral: '#434a51',
  accent: '#93b4ff',
  bad: '#ff978d',
} as const;

/** Every line as strong as text, pure ink on a pure ground. */
const strong = {
  light: {
    ...{ ink: '#000000', ink2: '#1c1c1c', ink3: '#333333', line: '#8a8a8a', axis: '#000000' },
    ...{ surface: '#ffffff', neutral: '#bdbdbd', accent: '#00308f', bad: '#8a0f08' },
  },
  dark: {
    ...{ ink: '#ffffff', ink2: '#ededed', ink3: '#d6d6d6', line: '#7a7a7a', axis: '#ffffff' },
    ...{ surface: '#000000', neutral: '#5c5c5c', accent: '#b8ceff', bad: '#ffb8b1' },
  },
} as const;

/** The theme of charts in the window. */
export function chartTheme(name: 'light' | 'dark', moreContrast = false): ChartTheme {
  const colors = { ...(name === 'dark' ? dark : light), ...(moreContrast ? strong[name] : {}) };
  return { ...colors, fontFamily, fontSize: 12 };
}

/** The theme of charts on paper. */
export const printTheme: ChartTheme = { ...light, fontFamily, fontSize: 11 };
