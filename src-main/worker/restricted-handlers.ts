import type { RestrictedComputeMethods } from '../../src-shared/contract/restricted';
import type { Handlers } from '../../src-shared/contract/rpc';
import { readReleaseFile } from '../privacy/release-file';

/** Everything the worker of the mode `aggregates` serves: it reads releases and imports no more. */
export function restrictedHandlers(): Handlers<RestrictedComputeMethods> {
  return { 'release.read': ({ file }) => readReleaseFile(file) };
}
