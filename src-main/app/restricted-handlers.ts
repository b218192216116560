import type { RestrictedMethods } from '../../src-shared/contract/restricted';
import type { Handlers } from '../../src-shared/contract/rpc';
import type { ThemeChoice } from '../../src-shared/contract/window-command';
import type { Release } from '../../src-shared/privacy/release';
import type { FileSuggestion } from './dialogs';

/** What a restricted window works with: its one release and what every window has. */
export interface RestrictedParts {
  readonly release: Release;
  readonly version: string;
  readonly saveFile: (suggestion: FileSuggestion, text: string) => Promise<string | null>;
  readonly readTheme: () => ThemeChoice;
  readonly writeTheme: (theme: ThemeChoice) => void;
}

/** Answers everything that a window in the mode `aggregates` may ask. */
export function restrictedHandlers(parts: RestrictedParts): Handlers<RestrictedMethods> {
  return {
    'release.read': () => parts.release,
    // What is on this machine is told to who records on it.
    'system.describe': () => ({ version: parts.version, checks: [] }),
    'table.save': ({ name, text }) => parts.saveFile({ name, kind: 'csv' }, text),
    'settings.read': () => ({ mode: 'aggregates', theme: parts.readTheme(), runsFolder: '' }),
    'settings.theme': ({ theme }) => {
      parts.writeTheme(theme);
      return null;
    },
  };
}
