import { describe, expect, it } from 'vitest';
import { RecentBytes } from '../../../src-main/app/recent-bytes';

/** A store of 100 bytes, and the keys that it had to make, in their order. */
function store() {
  const kept = new RecentBytes(100);
  const made: string[] = [];
  const ask = (key: string, bytes = 30) =>
    kept.get(key, async () => {
      made.push(key);
      return Buffer.alloc(bytes);
    });
  return { kept, made, ask };
}

describe('what is kept by bytes', () => {
  it('drops the longest unused alone when there are too many', async () => {
    const { kept, made, ask } = store();
    for (const key of ['a', 'b', 'c']) await ask(key);
    expect(kept.bytes).toBe(90);
    await ask('a');
    await ask('d');
    // 120 bytes would be too many: b goes, which was used before a.
    expect(kept.bytes).toBe(90);
    for (const key of ['a', 'c', 'd']) await ask(key);
    expect(made).toEqual(['a', 'b', 'c', 'd']);
    await ask('b');
    expect(made).toEqual(['a', 'b', 'c', 'd', 'b']);
    expect(kept.bytes).toBe(90);
  });

  it('drops as many as it takes for a large one, and does not keep what is larger than all', async () => {
    const { kept, ask } = store();
    for (const key of ['a', 'b', 'c']) await ask(key);
    await ask('large', 80);
    expect(kept.bytes).toBe(80);
    await ask('too large', 101);
    expect(kept.bytes).toBe(0);
  });

  it('makes a value once for those who ask at the same time, and again where it failed', async () => {
    const { kept, made, ask } = store();
    await Promise.all([ask('a'), ask('a'), ask('a')]);
    expect([made, kept.bytes]).toEqual([['a'], 30]);
    await expect(kept.get('b', () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
    await ask('b');
    expect([made, kept.bytes]).toEqual([['a', 'b'], 60]);
  });
});
