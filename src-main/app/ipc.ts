import { type BrowserWindow, type IpcMainEvent, ipcMain, type WebContents } from 'electron';
import type { AppMethods } from '../../src-shared/contract/app';
import { channels } from '../../src-shared/contract/bridge';
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

  constructor(handlers: Handlers<AppMethods>) {
    this.#handlers = handlers;
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
    const frame = event.senderFrame;
    const server = this.#servers.get(event.sender);
    if (!server || !frame || frame !== event.sender.mainFrame) return;
    if (!frame.url.startsWith(`${windowOrigin}/`) || !isRequestMessage(message)) return;
    server.receive(message);
  }
}

/** Tells a window to do something, as its menu does. */
export function sendCommand(window: BrowserWindow, command: WindowCommand): void {
  window.webContents.send(channels.command, command);
}
