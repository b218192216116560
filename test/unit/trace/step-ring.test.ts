import { describe, expect, it } from 'vitest';
import { StepRing } from '../../../src-main/trace/step-ring';

/** Takes and keeps a step of arrays of so many bytes; their offsets, null where there was no place. */
function putStep(ring: StepRing, sizes: readonly number[]): (number | null)[] {
  ring.begin();
  const offsets = sizes.map((bytes) => ring.take(bytes)?.offset ?? null);
  ring.keep(0);
  return offsets;
}

describe('the ring that steps wait in', () => {
  it('gives places one after another, aligned, and never over its end', () => {
    const ring = new StepRing(64);
    expect(putStep(ring, [5, 8])).toEqual([0, 8]);
    ring.takenUntil(ring.kept);
    expect(putStep(ring, [8, 8])).toEqual([16, 24]);
    ring.takenUntil(ring.kept);
    // 24 bytes are left before the end at 64 after the first; the second begins anew.
    expect(putStep(ring, [8, 28])).toEqual([32, 0]);
  });

  it('gives a place again only when what lay there has been taken out', () => {
    const ring = new StepRing(64);
    expect(putStep(ring, [16])).toEqual([0]);
    const first = ring.kept;
    expect(putStep(ring, [16])).toEqual([16]);
    expect(putStep(ring, [16])).toEqual([32]);
    expect(ring.hasRoom).toBe(true);
    expect(putStep(ring, [16])).toEqual([48]);
    expect(ring.hasRoom).toBe(false);
    expect(putStep(ring, [16])).toEqual([null]);
    ring.takenUntil(first);
    expect(ring.hasRoom).toBe(true);
    expect(putStep(ring, [16])).toEqual([0]);
    expect(ring.hasRoom).toBe(false);
  });

  it('takes back what a step took that was never kept', () => {
    const ring = new StepRing(64);
    ring.begin();
    expect(ring.take(32)?.offset).toBe(0);
    expect(putStep(ring, [32])).toEqual([0]);
  });

  it('counts what waits elsewhere, and lets one step in where nothing waits', () => {
    const ring = new StepRing(64);
    ring.begin();
    const place = ring.keep(1000);
    expect(ring.hasRoom).toBe(false);
    ring.takenUntil(place);
    expect(ring.hasRoom).toBe(true);
  });

  it('grows when a step was too large, without touching what is still read', () => {
    const ring = new StepRing(64);
    ring.begin();
    const old = ring.take(40);
    expect(ring.take(40)).toBeNull();
    const place = ring.keep(40);
    ring.begin();
    const [one, other] = [ring.take(40), ring.take(40)];
    expect(one?.buffer).not.toBe(old?.buffer);
    expect(one?.buffer.byteLength).toBeGreaterThanOrEqual(160);
    expect([one?.offset, other?.offset]).toEqual([0, 40]);
    ring.keep(0);
    // News of the old ring frees nothing of the new one.
    ring.takenUntil(place);
    ring.begin();
    expect(ring.take(40)?.offset).toBe(80);
  });

  it('has room for a step beside another one, whatever of them waits elsewhere', () => {
    const ring = new StepRing(64);
    const put = (): void => {
      ring.begin();
      const places = [ring.take(40), ring.take(24), ring.take(40)];
      const refused = places.filter((place) => place === null).length;
      // Six bytes lie outside in any case.
      ring.keep(40 * refused + 6);
    };
    put();
    ring.takenUntil(ring.kept);
    for (let step = 0; step < 20; step++) {
      const before = ring.kept;
      put();
      expect(ring.hasRoom).toBe(true);
      put();
      ring.takenUntil(before);
      ring.takenUntil(ring.kept);
    }
    expect(ring.buffer.byteLength).toBe(2 * 110 + 40);
  });
});
