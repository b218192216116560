import { Worker } from 'node:worker_threads';
import type { ComputeMethods } from '../../src-shared/contract/compute';
import type { Contract, ResponseMessage } from '../../src-shared/contract/rpc';
import { type CallOptions, RpcClient } from '../../src-shared/contract/rpc-client';

/** What the rest of the main process needs of a worker; tests give their own. */
export interface Caller<Methods extends Contract<Methods>> {
  call<Name extends keyof Methods & string>(
    method: Name,
    params: Methods[Name]['params'],
    options?: CallOptions,
  ): Promise<Methods[Name]['result']>;
}

/** The worker of the mode `examples`. */
export type Compute = Caller<ComputeMethods>;

/**
 * The compute worker seen from the main process. It is started by the first call; when it dies,
 * open calls fail with the reason and the next call starts a new one.
 */
export class ComputeClient<Methods extends Contract<Methods>> implements Caller<Methods> {
  readonly #path: string;
  #worker: Worker | null = null;
  #client: RpcClient<Methods> | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  call<Name extends keyof Methods & string>(
    method: Name,
    params: Methods[Name]['params'],
    options: CallOptions = {},
  ): Promise<Methods[Name]['result']> {
    return this.#connect().call(method, params, options);
  }

  /** Ends the worker; what it had not committed is lost, as after a crash. */
  async close(): Promise<void> {
    const worker = this.#worker;
    this.#forget('The application is closing.');
    await worker?.terminate();
  }

  #connect(): RpcClient<Methods> {
    if (this.#client) return this.#client;
    const worker = new Worker(this.#path, { name: 'compute' });
    const client = new RpcClient<Methods>((message) => worker.postMessage(message), 'worker');
    worker.on('message', (message: ResponseMessage) => client.receive(message));
    worker.on('error', (error) => this.#lose(worker, `The engine stopped: ${error.message}`));
    worker.on('exit', (code) => this.#lose(worker, `The engine ended with code ${code}.`));
    this.#worker = worker;
    this.#client = client;
    return client;
  }

  #lose(worker: Worker, reason: string): void {
    if (worker === this.#worker) this.#forget(reason);
  }

  #forget(reason: string): void {
    const client = this.#client;
    this.#worker = null;
    this.#client = null;
    client?.disconnect(reason);
  }
}
