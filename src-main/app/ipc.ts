import {
  type BrowserWindow,
  type IpcMainEvent,
  type IpcMainInvokeEvent,
  ipcMain,
  type WebContents,
} from 'electron';
import type { AppMethods } from '../../src-shared/contract/app';
import { channels } from '../../src-shared/contract/bridge';
import type { ChosenSource } from '../../src-shared/contract/imports';
import type { Handlers } from '../../src-shared/contract/rpc';
import { RpcServer } from '../../src-shared/contract/rpc-server';
import type { WindowCommand } from '../../src-shared/contract/window-command';
import { checkParams, isRequestMessage } from './param-schemas';
import { windowOrigin } from './protocol';

/**
 * Answers the calls of the application's windows. A call counts only when it comes from the main
 * frame of a window that was let in here and that still shows one of our own pages.
 */
export class IpcGate {
  readonly #handlers: Handlers<AppMethods>;
  readonly #servers = new Map<WebContents, RpcServer<AppMethods>>();

  /** @param offered takes the path of what was dropped on a window */
  constructor(handlers: Handlers<AppMethods>, offered: (path: string) => ChosenSource) {
    this.#handlers = handlers;
    ipcMain.handle(channels.offer, (event, path: unknown) =>
      this.#serverOf(event) && typeof path === 'string' && path !== '' ? offered(path) : null,
    );
    ipcMain.on(channels.request, (event, message: unknown) => this.#receive(event, message));
  }

  /** Lets a window ask until it is closed. */
  admit(window: BrowserWindow): void {
    const { webContents } = window;
    const server = new RpcServer<AppMethods>(
      this.#handlers,
      (message) => {
        if (!webContents.isDestroyed()) webContents.send(channels.response, message);
      },
      'app',
      checkParams,
    );
    this.#servers.set(webContents, server);
    // A page that is loaded anew has forgotten its questions.
    webContents.on('did-start-navigation', (details) => {
      if (details.isMainFrame && !details.isSameDocument) server.close();
    });
    webContents.once('destroyed', () => {
      server.close();
      this.#servers.delete(webContents);
    });
  }

  #receive(event: IpcMainEvent, message: unknown): void {
    const server = this.#serverOf(event);
    if (server && isRequestMessage(message)) server.receive(message);
  }

  /** Who answers the sender of an event; null where it may not ask. */
  #serverOf(event: IpcMainEvent | IpcMainInvokeEvent): RpcServer<AppMethods> | null {
    const frame = event.senderFrame;
    const server = this.#servers.get(event.sender);
    if (!server || !frame || frame !== event.sender.mainFrame) return null;
    return frame.url.startsWith(`${windowOrigin}/`) ? server : null;
  }
}

/** Tells a window to do something, as its menu does. */
export function sendCommand(window: BrowserWindow, command: WindowCommand): void {
  window.webContents.send(channels.command, command);
}
