import { parentPort } from 'node:worker_threads';
import type { Contract, Handlers, RequestMessage } from '../../src-shared/contract/rpc';
import { RpcServer } from '../../src-shared/contract/rpc-server';

/** Answers the main process' calls over the port that this worker thread was started with. */
export function serveParent<Methods extends Contract<Methods>>(handlers: Handlers<Methods>): void {
  const port = parentPort;
  if (!port) throw new Error('this module runs as a worker thread');
  const server = new RpcServer<Methods>(handlers, (message) => port.postMessage(message), 'worker');
  port.on('message', (message: RequestMessage) => server.receive(message));
}
