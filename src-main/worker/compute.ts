import { parentPort } from 'node:worker_threads';
import type { ComputeMethods } from '../../src-shared/contract/compute';
import type { RequestMessage } from '../../src-shared/contract/rpc';
import { RpcServer } from '../../src-shared/contract/rpc-server';
import { computeHandlers } from './handlers';

/** Entry of the worker thread: answers the main process' calls over the port it was started with. */
const port = parentPort;
if (!port) throw new Error('compute.ts runs as a worker thread');
const server = new RpcServer<ComputeMethods>(
  computeHandlers(),
  (message) => port.postMessage(message),
  'worker',
);
port.on('message', (message: RequestMessage) => server.receive(message));
