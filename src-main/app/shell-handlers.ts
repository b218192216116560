import { basename } from 'node:path';
import type { CommandId } from '../../src-shared/commands';
import type { AppMethods } from '../../src-shared/contract/app';
import type { Pulse, StorageUse, ViewChange } from '../../src-shared/contract/app/shell';
import type { Handlers } from '../../src-shared/contract/rpc';
import type { PreferenceChanges, Preferences } from '../../src-shared/preferences';
import type { Compute } from './compute-client';
import { droppedKind } from './drops';
import { openRecipe } from './files';
import type { ImportSources } from './import-sources';
import type { Log } from './log';
import type { Memory } from './memory';
import type { RunRegistry } from './run-registry';
import type { RunViews } from './run-views';

/** What the shell's handlers work with; the Electron parts come in as functions. */
export interface ShellParts {
  readonly compute: Compute;
  readonly registry: RunRegistry;
  readonly views: RunViews;
  readonly sources: ImportSources;
  readonly memory: Memory;
  readonly log: Log;
  readonly runsFolderGiven: boolean;
  /** Shows a release in a window of its own. */
  readonly showRelease: (file: string) => Promise<void>;
  readonly chooseRunFolder: () => Promise<string | null>;
  readonly readPreferences: () => Preferences;
  readonly changePreferences: (changes: PreferenceChanges) => void;
  readonly chooseRunsFolder: () => Promise<string | null>;
  readonly readStorage: () => Promise<StorageUse>;
  readonly readPulse: () => Promise<Pulse>;
  readonly refuseCommands: (commands: readonly CommandId[]) => void;
  readonly changeView: (change: ViewChange) => void;
  readonly writeClipboard: (text: string) => void;
}

type ShellMethods = Pick<
  AppMethods,
  | `runs.${'list' | 'open' | 'opened' | 'forget' | 'removed' | 'restore' | 'lock' | 'note' | 'locate'}`
  | `settings.${'read' | 'change' | 'choose-runs-folder' | 'storage'}`
  | 'drop.take'
  | 'system.pulse'
  | 'memory.keep'
  | 'menu.refuse'
  | 'window.view'
  | 'clipboard.write'
  | 'log.read'
>;

/** Answers what is asked about the list of runs, the settings and the window itself. */
export function shellHandlers(parts: ShellParts): Handlers<ShellMethods> {
  return { ...listHandlers(parts), ...windowHandlers(parts) };
}

function listHandlers(
  parts: ShellParts,
): Handlers<Pick<ShellMethods, (`runs.${string}` & keyof ShellMethods) | 'drop.take'>> {
  const { compute, registry, views } = parts;
  /** Described before it is registered, so that a folder that is no run does not enter the list. */
  const openFolder = async (folder: string) => {
    const detail = await compute.call('run.describe', { folder });
    return views.named(await registry.add(folder), detail);
  };
  return {
    'runs.list': () => views.list(),
    'runs.open': async () => {
      const folder = await parts.chooseRunFolder();
      return folder === null ? null : openFolder(folder);
    },
    'runs.opened': ({ run }) => {
      registry.opened(run);
      return null;
    },
    'runs.forget': ({ run }) => {
      registry.forget(run);
      return null;
    },
    'runs.removed': () => registry.removed(),
    'runs.restore': ({ run }) => {
      registry.restore(run);
      return null;
    },
    'runs.lock': ({ run, locked }) => {
      registry.lock(run, locked);
      return null;
    },
    'runs.note': ({ run, note }) => {
      registry.note(run, note);
      return null;
    },
    'runs.locate': async ({ run }) => {
      const folder = await parts.chooseRunFolder();
      if (folder === null) return null;
      const detail = await compute.call('run.describe', { folder });
      return views.named(await registry.relocate(run, folder), detail);
    },
    'drop.take': async ({ source }) => {
      const path = parts.sources.pathOf(source);
      const kind = await droppedKind(path);
      if (kind === 'run') return { kind, run: await openFolder(path) };
      if (kind === 'release') {
        await parts.showRelease(path);
        return { kind };
      }
      if (kind === 'recipe') return { kind, opened: await openRecipe(compute, path) };
      return { kind, source: { source, name: basename(path) } };
    },
  };
}

function windowHandlers(
  parts: ShellParts,
): Handlers<Omit<ShellMethods, `runs.${string}` | 'drop.take'>> {
  const { registry, memory, log } = parts;
  return {
    'settings.read': () => ({
      mode: 'examples',
      preferences: parts.readPreferences(),
      runsFolder: registry.runsFolder,
      runsFolderGiven: parts.runsFolderGiven,
      memory: memory.values,
    }),
    'settings.change': (changes) => {
      parts.changePreferences(changes);
      return null;
    },
    'settings.choose-runs-folder': parts.chooseRunsFolder,
    'settings.storage': parts.readStorage,
    'system.pulse': parts.readPulse,
    'memory.keep': ({ name, value }) => {
      memory.keep(name, value);
      return null;
    },
    'menu.refuse': ({ commands }) => {
      parts.refuseCommands(commands);
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
    'log.read': () => log.read(),
  };
}
