/** The window's screens that have a number key, in its order. */
export const screens = [
  'home',
  'new',
  'monitor',
  'explain',
  'layers',
  'release',
  'report',
] as const;

export type Screen = (typeof screens)[number] | 'settings';

export const screenTitles: Readonly<Record<Screen, string>> = {
  home: 'Home',
  new: 'New recording',
  monitor: 'Monitor',
  explain: 'Explain',
  layers: 'Layers',
  release: 'Release',
  report: 'Report',
  settings: 'Settings',
};
