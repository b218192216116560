import type { ChosenSource } from './imports';
import type { RequestMessage, ResponseMessage } from './rpc';
import type { WindowCommand } from './window-command';

/** A file or folder that was dropped on the window: the browser's `File`, which this side lacks. */
export interface DroppedFile {
  readonly name: string;
  readonly size: number;
}

/** What the preload script puts into the window: transport and nothing else. */
export interface Bridge {
  send(message: RequestMessage): void;
  onResponse(listener: (message: ResponseMessage) => void): void;
  /** Hands over a file or folder that was dropped on the window; null where it is none on disk. */
  offer(file: DroppedFile): Promise<ChosenSource | null>;
  onCommand(listener: (command: WindowCommand) => void): void;
}

/** The name under which the window finds it. */
export const bridgeName = 'deltascope';

export const channels = {
  request: 'deltascope:request',
  response: 'deltascope:response',
  command: 'deltascope:command',
  offer: 'deltascope:offer',
} as const;
