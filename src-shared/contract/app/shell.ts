import type { CommandId } from '../../commands';
import type { PreferenceChanges, Preferences } from '../../preferences';
import type { PrivacyMode } from '../../privacy/review';
import type { SystemDescription } from '../views';

/** The window itself: settings, memory, menus, clipboard, log. */
export interface ShellMethods {
  'system.describe': { params: Record<string, never>; result: SystemDescription };
  'settings.read': { params: Record<string, never>; result: WindowSettings };
  'settings.change': { params: PreferenceChanges; result: null };
  /** Asks for the folder of new recordings; its path, or null when cancelled. */
  'settings.choose-runs-folder': { params: Record<string, never>; result: string | null };
  /** What Deltascope takes of the disk, and what is free. */
  'settings.storage': { params: Record<string, never>; result: StorageUse };
  /** What the status bar tells, to be asked now and again. */
  'system.pulse': { params: Record<string, never>; result: Pulse };
  /** Keeps what the window wants to find again at its next start, by name. */
  'memory.keep': { params: { readonly name: string; readonly value: unknown }; result: null };
  /** Says which commands can't be carried out now, for the menu bar. */
  'menu.refuse': { params: { readonly commands: readonly CommandId[] }; result: null };
  /** Zooms the window, or fills the screen. */
  'window.view': { params: { readonly change: ViewChange }; result: null };
  'clipboard.write': { params: { readonly text: string }; result: null };
  /** What the application noted down about itself: no data, names nor paths. */
  'log.read': { params: Record<string, never>; result: string };
}

export type ViewChange = 'zoom-in' | 'zoom-out' | 'zoom-reset' | 'full-screen';

export interface Pulse {
  /** Bytes free where new recordings go. */
  readonly freeBytes: number;
  /** Recordings that this application is making. */
  readonly recordings: number;
}

export interface StorageUse {
  readonly freeBytes: number;
  /** Imported data sets. */
  readonly dataBytes: number;
  /** What set-up fetched: the engine, fonts and known data sets. */
  readonly cacheBytes: number;
  /** Pictures of examples that are kept in memory, and how many may be. */
  readonly pictureBytes: number;
  readonly mostPictureBytes: number;
}

/** What the window finds at its start. */
export interface WindowSettings {
  /** `aggregates`: this window knows one release and the methods of `RestrictedMethods`, no more. */
  readonly mode: PrivacyMode;
  readonly preferences: Preferences;
  /** Where new recordings go, as words for the auditor; the window can't open it. */
  readonly runsFolder: string;
  /** Whether the start named that folder, so that it can't be chosen. */
  readonly runsFolderGiven: boolean;
  /** What was kept by `memory.keep`. */
  readonly memory: Readonly<Record<string, unknown>>;
}
