import { cancelledError, DeltascopeError, type ErrorOrigin, errorFrom } from '../errors';
import type { Progress } from './progress';
import type { Contract, RequestMessage, ResponseMessage } from './rpc';

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

interface PendingCall {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: ((progress: Progress) => void) | undefined;
  readonly release: () => void;
}

/**
 * The asking half of a boundary. It numbers calls, matches answers to them and forgets a call as
 * soon as it is cancelled, so that a late answer to an old question is dropped.
 */
export class RpcClient<Methods extends Contract<Methods>> {
  readonly #post: (message: RequestMessage) => void;
  readonly #origin: ErrorOrigin;
  readonly #pending = new Map<number, PendingCall>();
  #nextId = 1;
  /** Why the other side is gone; null while it is there. */
  #gone: string | null = null;

  constructor(post: (message: RequestMessage) => void, origin: ErrorOrigin) {
    this.#post = post;
    this.#origin = origin;
  }

  /** How many calls are still unanswered. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Asks for `method`; rejects with a `DeltascopeError`, with code `cancelled` once aborted. */
  call<Name extends keyof Methods & string>(
    method: Name,
    params: Methods[Name]['params'],
    options: CallOptions = {},
  ): Promise<Methods[Name]['result']> {
    const { signal, onProgress } = options;
    if (signal?.aborted) return Promise.reject(cancelledError(this.#origin));
    if (this.#gone !== null) return Promise.reject(this.#lost(this.#gone));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const cancel = () => {
        this.#take(id);
        this.#post({ type: 'cancel', id });
        reject(cancelledError(this.#origin));
      };
      this.#pending.set(id, {
        resolve,
        reject,
        onProgress,
        release: () => signal?.removeEventListener('abort', cancel),
      });
      signal?.addEventListener('abort', cancel, { once: true });
      this.#post({ type: 'call', id, method, params });
    });
  }

  /** Takes in what the other side sent. */
  receive(message: ResponseMessage): void {
    if (message.type === 'progress') {
      this.#pending.get(message.id)?.onProgress?.(message.progress);
      return;
    }
    const call = this.#take(message.id);
    if (message.type === 'result') call?.resolve(message.result);
    else call?.reject(errorFrom(message.error));
  }

  /** Fails every open call, and those to come: the other side is gone. */
  disconnect(reason: string): void {
    this.#gone ??= reason;
    for (const id of [...this.#pending.keys()]) this.#take(id)?.reject(this.#lost(reason));
  }

  #lost(reason: string): DeltascopeError {
    return new DeltascopeError('internal', this.#origin, reason);
  }

  #take(id: number): PendingCall | undefined {
    const call = this.#pending.get(id);
    this.#pending.delete(id);
    call?.release();
    return call;
  }
}
