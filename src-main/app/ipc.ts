import {
  type BrowserWindow,
  type IpcMainEvent,
  type IpcMainInvokeEvent,
  ipcMain,
  type WebContents,
} from 'electron';
import { channels } from '../../src-shared/contract/bridge';
import type { ChosenSource } from '../../src-shared/contract/imports';
import type { Contract, Handlers, RequestMessage } from '../../src-shared/contract/rpc';
import { type CallListener, RpcServer } from '../../src-shared/contract/rpc-server';
import type { WindowCommand } from '../../src-shared/contract/window-command';
import { checkParams, isRequestMessage, type ParamSchemas } from './param-schemas';
import { windowOrigin } from './protocol';

/** What one window is answered by. */
interface Admitted {
  receive(message: RequestMessage): void;
  /** Takes the path of what was dropped on the window; absent where it may drop nothing. */
  readonly offered: Offered | undefined;
}

type Offered = (path: string) => ChosenSource;

/**
 * Answers the calls of the application's windows, each by the handlers that it was let in with. A call
 * counts only when it comes from the main frame of such a window that still shows one of our own pages.
 */
export class IpcGate {
  readonly #admitted = new Map<WebContents, Admitted>();
  readonly #listener: CallListener | undefined;

  constructor(listener?: CallListener) {
    this.#listener = listener;
    ipcMain.handle(channels.offer, (event, path: unknown) =>
      typeof path === 'string' && path !== ''
        ? (this.#admittedOf(event)?.offered?.(path) ?? null)
        : null,
    );
    ipcMain.on(channels.request, (event, message: unknown) => this.#receive(event, message));
  }

  /** Lets a window ask until it is closed. */
  admit<Methods extends Contract<Methods>>(
    window: BrowserWindow,
    handlers: Handlers<Methods>,
    schemas: ParamSchemas<Methods>,
    offered?: Offered,
  ): void {
    const { webContents } = window;
    const server = new RpcServer<Methods>(
      handlers,
      (message) => {
        if (!webContents.isDestroyed()) webContents.send(channels.response, message);
      },
      'app',
      (method, params) => checkParams(schemas, method, params),
      this.#listener,
    );
    this.#admitted.set(webContents, { receive: (message) => server.receive(message), offered });
    // A page that is loaded anew has forgotten its questions.
    webContents.on('did-start-navigation', (details) => {
      if (details.isMainFrame && !details.isSameDocument) server.close();
    });
    webContents.once('destroyed', () => {
      server.close();
      this.#admitted.delete(webContents);
    });
  }

  #receive(event: IpcMainEvent, message: unknown): void {
    const admitted = this.#admittedOf(event);
    if (admitted && isRequestMessage(message)) admitted.receive(message);
  }

  /** Who answers the sender of an event; null where it may not ask. */
  #admittedOf(event: IpcMainEvent | IpcMainInvokeEvent): Admitted | null {
    const frame = event.senderFrame;
    const admitted = this.#admitted.get(event.sender);
    if (!admitted || !frame || frame !== event.sender.mainFrame) return null;
    return frame.url.startsWith(`${windowOrigin}/`) ? admitted : null;
  }
}

/** Tells a window to do something, as its menu does. */
export function sendCommand(window: BrowserWindow, command: WindowCommand): void {
  window.webContents.send(channels.command, command);
}
