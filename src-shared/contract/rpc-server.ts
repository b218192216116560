import { DeltascopeError, type ErrorOrigin, type ErrorReport, reportOf } from '../errors';
import type { CallContext, Contract, Handlers, RequestMessage, ResponseMessage } from './rpc';

/** Checks a call's parameters; throws a `DeltascopeError` where they are not what was agreed. */
export type ParamsCheck = (method: string, params: unknown) => void;

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
  readonly #failed: (method: string, error: ErrorReport) => void;
  readonly #running = new Map<number, AbortController>();

  constructor(
    handlers: Handlers<Methods>,
    post: (message: ResponseMessage) => void,
    origin: ErrorOrigin,
    check: ParamsCheck = () => {},
    failed: (method: string, error: ErrorReport) => void = () => {},
  ) {
    this.#handlers = new Map(Object.entries(handlers) as [string, AnyHandler][]);
    this.#post = post;
    this.#origin = origin;
    this.#check = check;
    this.#failed = failed;
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
    } catch (error) {
      const report = reportOf(error, this.#origin);
      // A name that the other side made up must not be noted down.
      this.#failed(this.#handlers.has(method) ? method : 'unknown method', report);
      this.#post({ type: 'error', id, error: report });
    } finally {
      this.#running.delete(id);
    }
  }
}
