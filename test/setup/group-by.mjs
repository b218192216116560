// @ts-check

/**
 * Node 20 lacks Map.groupBy, which vitest's reporter calls as soon as a test fails: without it the
 * reason of a failure would be lost.
 */
export function provideGroupBy() {
  if ('groupBy' in Map) return;
  Object.defineProperty(Map, 'groupBy', {
    configurable: true,
    writable: true,
    value: groupBy,
  });
}

/**
 * @template T, K
 * @param {Iterable<T>} items
 * @param {(item: T, index: number) => K} keyOf
 * @returns {Map<K, T[]>}
 */
function groupBy(items, keyOf) {
  /** @type {Map<K, T[]>} */
  const groups = new Map();
  let index = 0;
  for (const item of items) {
    const key = keyOf(item, index);
    index += 1;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
