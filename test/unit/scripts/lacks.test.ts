import { describe, expect, it } from 'vitest';
import { lacksOf, requireSqlite } from '../../../scripts/provision/all.mjs';
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

describe('requireSqlite', () => {
  it('stops where SQLite would end the process, with what to do', () => {
    expect(() => requireSqlite(complete)).not.toThrow();
    const sqlite = { kind: 'none', path: null, why: 'no compiler' } as const;
    expect(() => requireSqlite({ ...complete, sqlite })).toThrow(
      /^SQLite is not there \(no compiler\)\. What to do: sudo apt-get install g\+\+/,
    );
  });
});
