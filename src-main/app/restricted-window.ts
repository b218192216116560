import { type BrowserWindow, clipboard, session } from 'electron';
import type {
  RestrictedComputeMethods,
  RestrictedMethods,
} from '../../src-shared/contract/restricted';
import type { PreferenceChanges } from '../../src-shared/preferences';
import restrictedPath from '../worker/restricted?modulePath';
import { ComputeClient } from './compute-client';
import { chooseSaveFile } from './dialogs';
import { saveChosen } from './files';
import { hardenSession } from './hardening';
import type { IpcGate } from './ipc';
import { openMainWindow } from './main-window';
import { restrictedSchemas } from './param-schemas';
import { servePages } from './protocol';
import { restrictedHandlers } from './restricted-handlers';
import type { SettingsFile } from './settings';
import { changeView } from './view-change';

/** What a restricted window needs of the shell. */
export interface RestrictedShell {
  readonly gate: IpcGate;
  /** Files of the built pages. */
  readonly files: ReadonlyMap<string, string>;
  readonly preload: string;
  readonly version: string;
  readonly documents: string;
  readonly settings: SettingsFile;
  readonly changePreferences: (changes: PreferenceChanges) => void;
}

let opened = 0;

/**
 * Opens a release in the mode `aggregates`: a window in a session of its own, in memory, whose protocol
 * knows no pictures, whose calls are answered by handlers that know one release, and whose worker has
 * no method that could give an example.
 *
 * @throws `request-invalid` where the file is no release
 */
export async function openReleaseWindow(
  file: string,
  shell: RestrictedShell,
): Promise<BrowserWindow> {
  const { gate, files, preload, version, documents, settings, changePreferences } = shell;
  const compute = new ComputeClient<RestrictedComputeMethods>(restrictedPath);
  const release = await compute.call('release.read', { file }).finally(() => void compute.close());
  opened += 1;
  const own = session.fromPartition(`restricted-${opened}`);
  hardenSession(own);
  servePages(own, files);
  const window = openMainWindow(settings, preload, own);
  gate.admit<RestrictedMethods>(
    window,
    restrictedHandlers({
      ...{ release, version, changePreferences },
      readPreferences: () => settings.preferences,
      changeView: (change) => changeView(window, change),
      writeClipboard: (text) => clipboard.writeText(text),
      saveFile: (suggestion, content) =>
        saveChosen(() => chooseSaveFile(window, documents, suggestion), content),
    }),
    restrictedSchemas,
  );
  return window;
}
