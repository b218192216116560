import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import type { Contract, Handlers, RequestMessage } from '../../src-shared/contract/rpc';
import { RpcServer } from '../../src-shared/contract/rpc-server';

/** Gives way to what is asked for at once, and is not starved by it. */
const niceness = 5;

/** Answers the main process' calls over the port that this worker thread was started with. */
export function serveParent<Methods extends Contract<Methods>>(handlers: Handlers<Methods>): void {
  const port = parentPort;
  if (!port) throw new Error('this module runs as a worker thread');
  // Keys and clicks go before training: on Linux this is the priority of this thread and of those that
  // the engine starts from it, elsewhere it would be the window's as well.
  if (process.platform === 'linux') setPriority(niceness);
  const server = new RpcServer<Methods>(handlers, (message) => port.postMessage(message), 'worker');
  port.on('message', (message: RequestMessage) => server.receive(message));
}
