import type { RequestMessage, ResponseMessage } from './rpc';
import type { WindowCommand } from './window-command';

/** What the preload script puts into the window: transport and nothing else. */
export interface Bridge {
  send(message: RequestMessage): void;
  onResponse(listener: (message: ResponseMessage) => void): void;
  onCommand(listener: (command: WindowCommand) => void): void;
}

/** The name under which the window finds it. */
export const bridgeName = 'deltascope';

export const channels = {
  request: 'deltascope:request',
  response: 'deltascope:response',
  command: 'deltascope:command',
} as const;
