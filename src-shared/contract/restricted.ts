import type { Release } from '../privacy/release';
import type { AppMethods } from './app';

/**
 * What a window in the mode `aggregates` may ask: it shows one release. Methods that give single
 * examples, runs or data are not refused here, they do not exist.
 */
export interface RestrictedMethods
  extends Pick<
    AppMethods,
    | 'system.describe'
    | 'figure.save'
    | 'settings.read'
    | 'settings.change'
    | 'window.view'
    | 'clipboard.write'
  > {
  /** The release that this window was opened for. */
  'release.read': { params: Record<string, never>; result: Release };
}

/** What the worker of the mode `aggregates` does. */
export interface RestrictedComputeMethods {
  /** Reads and checks a release file. */
  'release.read': { params: { readonly file: string }; result: Release };
}
