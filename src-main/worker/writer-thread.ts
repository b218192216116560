import { parentPort } from 'node:worker_threads';
import { directFileSystem } from '../trace/direct-file';
import { serveWriter } from '../trace/serve-writer';

/** Entry of the thread that writes a run while another one trains. */
const port = parentPort;
if (!port) throw new Error('this module runs as a worker thread');
serveWriter(port, directFileSystem);
