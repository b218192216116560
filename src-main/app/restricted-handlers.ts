import type { ViewChange } from '../../src-shared/contract/app/shell';
import type { RestrictedMethods } from '../../src-shared/contract/restricted';
import type { Handlers } from '../../src-shared/contract/rpc';
import type { PreferenceChanges, Preferences } from '../../src-shared/preferences';
import type { Release } from '../../src-shared/privacy/release';
import type { FileSuggestion } from './dialogs';
import type { Content } from './files';

/** What a restricted window works with: its one release and what every window has. */
export interface RestrictedParts {
  readonly release: Release;
  readonly version: string;
  readonly saveFile: (suggestion: FileSuggestion, content: Content) => Promise<string | null>;
  readonly readPreferences: () => Preferences;
  readonly changePreferences: (changes: PreferenceChanges) => void;
  readonly changeView: (change: ViewChange) => void;
  readonly writeClipboard: (text: string) => void;
}

/** Answers everything that a window in the mode `aggregates` may ask. */
export function restrictedHandlers(parts: RestrictedParts): Handlers<RestrictedMethods> {
  return {
    'release.read': () => parts.release,
    // What is on this machine is told to who records on it.
    'system.describe': () => ({ version: parts.version, checks: [] }),
    'figure.save': ({ name, kind, content }) => parts.saveFile({ name, kind }, () => content),
    // Nothing is kept of what a reviewer looked at or searched for.
    'settings.read': () => ({
      mode: 'aggregates',
      preferences: parts.readPreferences(),
      runsFolder: '',
      runsFolderGiven: true,
      memory: {},
    }),
    'settings.change': (changes) => {
      parts.changePreferences(changes);
      return null;
    },
    'window.view': ({ change }) => {
      parts.changeView(change);
      return null;
    },
    'clipboard.write': ({ text }) => {
      parts.writeClipboard(text);
      return null;
    },
  };
}
