import type { ComputeMethods } from '../../src-shared/contract/compute';
import { computeHandlers } from './handlers';
import { serveParent } from './serve-parent';

/** Entry of the worker thread of the mode `examples`. */
serveParent<ComputeMethods>(computeHandlers());
