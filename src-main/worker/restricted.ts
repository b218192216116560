import type { RestrictedComputeMethods } from '../../src-shared/contract/restricted';
import { restrictedHandlers } from './restricted-handlers';
import { serveParent } from './serve-parent';

/** Entry of the worker thread of the mode `aggregates`: nothing of runs and data is loaded into it. */
serveParent<RestrictedComputeMethods>(restrictedHandlers());
