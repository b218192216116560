import { DeltascopeError, type ErrorOrigin, type ErrorReport, reportOf } from '../errors';
import type { CallContext, Contract, Handlers, RequestMessage, ResponseMessage } from './rpc';

/** Checks a call's parameters; throws a `DeltascopeError` where they are not what was agreed. */
export type ParamsCheck = (method: string, params: unknown) => void;

/** Hears of calls once they are answered. */
export interface CallListener {
  failed(method: string, error: ErrorReport): void;
  /** @param tookMs from the call to its answer */
  answered(method: string, tookMs: number): void;
}

const nobody: CallListener = { failed: () => {}, answered: () => {} };

type AnyHandler = (params: unknown, context: CallContext) => unknown;

/**
 * The answering half of a boundary: one per asker. It runs the handler that a call names, streams
 * its progress back and turns whatever it throws into a report.
 */
export class RpcServer<Methods extends Contract<Methods>> {
  readonly #handlers: ReadonlyMap<string, AnyHandler>;
  readonly #post: (message: ResponseMessage) => void;
  readonly #origin: ErrorOrigin;
  readonly #check: ParamsCheck;
  readonly #listener: CallListener;
  readonly #running = new Map<number, AbortController>();

  constructor(
    handlers: Handlers<Methods>,
    post: (message: ResponseMessage) => void,
    origin: ErrorOrigin,
    check: ParamsCheck = () => {},
    listener: CallListener = nobody,
  ) {
    this.#handlers = new Map(Object.entries(handlers) as [string, AnyHandler][]);
    this.#post = post;
    this.#origin = origin;
    this.#check = check;
    this.#listener = listener;
  }

  /** Takes in a call or a cancellation; answers by `post`. */
  receive(message: RequestMessage): void {
    if (message.type === 'cancel') this.#running.get(message.id)?.abort();
    else void this.#answer(message.id, message.method, message.params);
  }

  /** Cancels everything: the asker is gone. */
  close(): void {
    for (const controller of this.#running.values()) controller.abort();
  }

  async #answer(id: number, method: string, params: unknown): Promise<void> {
    const controller = new AbortController();
    const began = Date.now();
    this.#running.set(id, controller);
    try {
      const handler = this.#handlers.get(method);
      if (!handler) {
        throw new DeltascopeError('request-invalid', this.#origin, `No method “${method}”.`);
      }
      this.#check(method, params);
      const result = await handler(params, {
        signal: controller.signal,
        onProgress: (progress) => {
          if (!controller.signal.aborted) this.#post({ type: 'progress', id, progress });
        },
      });
      this.#post({ type: 'result', id, result });
      this.#listener.answered(method, Date.now() - began);
    } catch (error) {
      const report = reportOf(error, this.#origin);
      // A name that the other side made up must not be noted down.
      this.#listener.failed(this.#handlers.has(method) ? method : 'unknown method', report);
      this.#post({ type: 'error', id, error: report });
    } finally {
      this.#running.delete(id);
    }
  }
}
