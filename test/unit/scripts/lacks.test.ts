import { describe, expect, it } from 'vitest';
import { lacksOf } from '../../../scripts/provision/all.mjs';
import type { ProvisionStatus } from '../../../scripts/provision/status.mjs';

const complete: ProvisionStatus = {
  format: 1,
  checkedAt: '2026-01-01T00:00:00.000Z',
  engine: { kind: 'native-cpu', version: '2.18.1', path: '/cache/engine', why: null },
  electron: { kind: 'supported', version: '45.4.1', path: '/electron', why: null },
  sqlite: { kind: 'prebuilt', path: null, why: null },
  display: { xvfbRun: null, pdfToText: null },
  data: { fashionMnist: '/cache/data' },
  lacks: [],
};

describe('lacksOf', () => {
  it('finds nothing where everything is there', () => {
    expect(lacksOf(complete)).toEqual([]);
  });

  it('names the cause and the remedy of each lack', () => {
    const lacks = lacksOf({
      ...complete,
      engine: { kind: 'wasm', version: null, path: null, why: 'no compiler' },
      electron: { kind: 'none', version: null, path: null, why: 'offline' },
      sqlite: { kind: 'none', path: null, why: 'no compiler' },
      data: { fashionMnist: null },
    });
    expect(lacks).toHaveLength(4);
    expect(lacks[0]?.what).toContain('no compiler');
    expect(lacks.every((lack) => lack.remedy !== '')).toBe(true);
  });
});
