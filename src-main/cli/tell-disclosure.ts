import { reportOf } from '../../src-shared/errors';
import type { DisclosureKind } from '../../src-shared/privacy/review';
import { appendDisclosure } from '../privacy/disclosure-log';
import { say } from './output';

/** Logs what has gone out of a run; says so where the run can't be written, as the work is done. */
export async function tellDisclosure(
  folder: string,
  entry: { readonly what: DisclosureKind; readonly detail: string },
): Promise<void> {
  try {
    await appendDisclosure(folder, { ...entry, by: '', sha256: null });
  } catch (error) {
    say(`It is not in the run's disclosure log: ${reportOf(error, 'cli').message}`);
  }
}
