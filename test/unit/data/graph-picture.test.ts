import { describe, expect, it } from 'vitest';
import { graphPicture } from '../../../src-main/data/graph-picture';

describe('pictures of graphs', () => {
  const ring = (nodes: number) => ({
    nodes,
    source: Int32Array.from({ length: nodes }, (_, i) => i),
    target: Int32Array.from({ length: nodes }, (_, i) => (i + 1) % nodes),
    nodeFeatures: new Float32Array(0),
    edgeFeatures: new Float32Array(0),
  });

  it('are the same each time, and there up to 60 nodes', () => {
    expect(graphPicture(ring(60))).toEqual(graphPicture(ring(60)));
    expect(graphPicture(ring(61))).toBeNull();
  });

  it('show every node of a ring as a dot of its own', () => {
    const { pixels, width } = graphPicture(ring(5)) ?? { pixels: new Uint8Array(), width: 1 };
    // Spots of full ink that hang together.
    const seen = new Set<number>();
    let spots = 0;
    for (const [start, value] of pixels.entries()) {
      if (value > 40 || seen.has(start)) continue;
      spots++;
      const queue = [start];
      for (const at of queue) {
        if (seen.has(at) || (pixels[at] ?? 255) > 40) continue;
        seen.add(at);
        queue.push(at - 1, at + 1, at - width, at + width);
      }
    }
    expect(spots).toBe(5);
  });

  it('draw a single node', () => {
    const lone = { ...ring(1), source: new Int32Array(0), target: new Int32Array(0) };
    expect(graphPicture(lone)?.pixels.some((value) => value === 0)).toBe(true);
  });
});
