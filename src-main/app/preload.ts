import { contextBridge, type IpcRendererEvent, ipcRenderer, webUtils } from 'electron';
import { type Bridge, bridgeName, channels } from '../../src-shared/contract/bridge';
import type { ResponseMessage } from '../../src-shared/contract/rpc';
import type { WindowCommand } from '../../src-shared/contract/window-command';

/** Transport between the window and the main process; it knows no method and keeps no state. */
const bridge: Bridge = {
  send: (message) => ipcRenderer.send(channels.request, message),
  onResponse: (listener) => {
    ipcRenderer.on(channels.response, (_event: IpcRendererEvent, message: ResponseMessage) =>
      listener(message),
    );
  },
  // Only what was dropped by hand has a path; a page can't make one up.
  offer: (file) => ipcRenderer.invoke(channels.offer, webUtils.getPathForFile(file as File)),
  onCommand: (listener) => {
    ipcRenderer.on(channels.command, (_event: IpcRendererEvent, command: WindowCommand) =>
      listener(command),
    );
  },
};

contextBridge.exposeInMainWorld(bridgeName, bridge);
