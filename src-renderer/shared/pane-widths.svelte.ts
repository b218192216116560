import * as v from 'valibot';
import { recall, remember } from './memory';

export const panes = ['rail', 'inputs', 'parts'] as const;

export type Pane = (typeof panes)[number];

interface PaneLimits {
  /** Whose width it is. */
  readonly name: string;
  /** Pixels. */
  readonly usual: number;
  readonly least: number;
  readonly most: number;
  /** What has to be left for its neighbour, where the usual width leaves that. */
  readonly beside: number;
}

/** The panes whose width can be chosen, by the borders on their right and in the settings. */
export const paneLimits: Readonly<Record<Pane, PaneLimits>> = {
  rail: { name: 'Rail', usual: 176, least: 136, most: 300, beside: 724 },
  inputs: { name: 'Inputs', usual: 224, least: 224, most: 640, beside: 440 },
  parts: { name: 'Parts', usual: 288, least: 240, most: 560, beside: 440 },
};

/** The widest that a pane can be where it and its neighbour share so many pixels. */
export function widest({ usual, most, beside }: PaneLimits, room: number): number {
  return Math.max(usual, Math.min(most, Math.floor(room) - beside));
}

/** Widths of panes as they were chosen, from one start to the next. */
class PaneWidths {
  #chosen = $state.raw<Partial<Record<Pane, number>>>({});

  /** What was chosen, in the limits of the room there is now; a wider window gives it back. */
  width(pane: Pane, room: number): number {
    const chosen = this.#chosen[pane] ?? recall(`pane.${pane}`, v.number());
    return inLimits(pane, chosen ?? paneLimits[pane].usual, room);
  }

  /** Sets a width within the limits of the room there is. */
  choose(pane: Pane, width: number, room: number): void {
    const chosen = inLimits(pane, width, room);
    this.#chosen = { ...this.#chosen, [pane]: chosen };
    remember(`pane.${pane}`, chosen);
  }
}

function inLimits(pane: Pane, width: number, room: number): number {
  const limits = paneLimits[pane];
  return Math.round(Math.max(limits.least, Math.min(widest(limits, room), width)));
}

export const paneWidths = new PaneWidths();
