import type { RunDetail } from '../contract/views';

/** A run in a few words that stand under figures: its name, and what it was trained on. */
export function runMark({ name, fingerprint }: Pick<RunDetail, 'name' | 'fingerprint'>): string {
  const data = fingerprint.replace(/^sha256:/, '').slice(0, 12);
  return data === '' ? `run ${name}` : `run ${name}, data ${data}`;
}
