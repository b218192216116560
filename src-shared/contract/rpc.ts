import type { ErrorReport } from '../errors';
import type { Progress } from './progress';

/**
 * One way of asking for work across a boundary, used twice: window ↔ main process and main process
 * ↔ compute worker. A contract is a map from method to its parameters and result; a handler map
 * typed by it lacks no method, or it does not compile.
 */

export interface MethodType {
  readonly params: unknown;
  readonly result: unknown;
}

export type Contract<Methods> = { readonly [Name in keyof Methods]: MethodType };

export interface CallContext {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

export type Handlers<Methods extends Contract<Methods>> = {
  readonly [Name in keyof Methods]: (
    params: Methods[Name]['params'],
    context: CallContext,
  ) => Promise<Methods[Name]['result']> | Methods[Name]['result'];
};

export type RequestMessage =
  | {
      readonly type: 'call';
      readonly id: number;
      readonly method: string;
      readonly params: unknown;
    }
  | { readonly type: 'cancel'; readonly id: number };

export type ResponseMessage =
  | { readonly type: 'progress'; readonly id: number; readonly progress: Progress }
  | { readonly type: 'result'; readonly id: number; readonly result: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: ErrorReport };
