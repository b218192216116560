import type { OutputKind } from '../../privacy/release';
import type {
  DisclosureLog,
  PrivacyMode,
  ReleaseSettings,
  ReleaseState,
  RunPolicy,
} from '../../privacy/review';

/** The way of a run to its release. */
export interface ReleaseMethods {
  /** Where the run stands on the way to its release. */
  'release.state': { params: { readonly run: string }; result: ReleaseState };
  /** Asks a secret sample, works out every output and checks it. Progress: CheckProgress. */
  'release.check': {
    params: { readonly run: string; readonly settings: ReleaseSettings };
    result: ReleaseState;
  };
  /** Approves or rejects an output of the draft; null takes the decision back. */
  'release.decide': {
    params: {
      readonly run: string;
      readonly output: OutputKind;
      readonly approved: boolean | null;
      readonly reason: string;
    };
    result: ReleaseState;
  };
  /** Freezes what is approved; fails, saying all that is missing (`obstacles` tells before). */
  'release.freeze': {
    params: {
      readonly run: string;
      readonly author: string;
      readonly checker: string;
      readonly comment: string;
    };
    result: ReleaseState;
  };
  /** Saves a copy of the frozen release through a dialog; the file's name, or null when cancelled. */
  'release.save': { params: { readonly run: string }; result: string | null };
  'release.log': { params: { readonly run: string }; result: DisclosureLog };
  /** Keeps a run to aggregates or opens it again, raises its threshold; the log tells it. */
  'release.policy': {
    params: {
      readonly run: string;
      readonly mode: PrivacyMode;
      readonly atLeast: number;
      readonly by: string;
      readonly reason: string;
    };
    result: RunPolicy;
  };
  /**
   * Opens a release in a window of its own that can show nothing else: of a run, or with null the file
   * that is chosen in a dialog. False when cancelled.
   */
  'release.open': { params: { readonly run: string | null }; result: boolean };
}
