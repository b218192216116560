import { Worker } from 'node:worker_threads';
import type { WriterThread } from '../trace/threaded-writer';
import writerPath from './writer-thread?modulePath';

/** Starts a thread that writes a run. */
export function startWriter(): WriterThread {
  return writerOn(new Worker(writerPath, { name: 'writer' }));
}

/** A started thread of the writer as the one that trains sees it. */
export function writerOn(worker: Worker): WriterThread {
  const lost = new Promise<string>((resolve) => {
    worker.on('error', (error) => resolve(`the thread that writes failed: ${error.message}`));
    worker.on('exit', () => resolve('the thread that writes has ended'));
  });
  return { port: worker, lost, end: async () => void (await worker.terminate()) };
}
