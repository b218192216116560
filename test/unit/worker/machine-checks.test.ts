import { describe, expect, it } from 'vitest';
import { diskCheck, graphicsChecks, spaceCheck } from '../../../src-main/worker/machine-checks';

const idle = { driver: '550.54', cudaEngine: true, missing: [], device: 'CPU' } as const;

describe('graphicsChecks', () => {
  it('has nothing against a machine without a card', () => {
    const checks = graphicsChecks({ ...idle, driver: null, cudaEngine: false });
    expect(checks).toEqual([
      { name: 'GPU', ok: true, detail: 'no NVIDIA card; the processor trains' },
    ]);
  });

  it('names the driver of a card in use', () => {
    const [check] = graphicsChecks({ ...idle, device: 'GPU' });
    expect(check).toEqual({ name: 'GPU', ok: true, detail: 'NVIDIA driver 550.54, in use' });
  });

  it('says how an idle card comes to be used', () => {
    const advice = (facts: Partial<Parameters<typeof graphicsChecks>[0]>) => {
      const checks = graphicsChecks({ ...idle, ...facts });
      expect(checks.every(({ ok }) => !ok)).toBe(true);
      return checks.map((check) => check.advice ?? check.detail).join('\n');
    };
    expect(advice({ cudaEngine: false })).toContain('npm run provision');
    expect(advice({})).toContain('newer driver');
    expect(advice({ missing: ['libcuda.so.1'] })).toContain('libcuda1');
    expect(advice({ missing: ['libcudnn.so'] })).toContain('Remove the engine');
  });
});

describe('the disk', () => {
  it('is a lack where a recording would soon fill it', () => {
    expect(spaceCheck('/home/a', 5e9)).toMatchObject({
      ok: true,
      detail: '5.0 GB free in /home/a',
    });
    expect(spaceCheck('/home/a', 4.9e9)).toMatchObject({ ok: false });
  });

  it('is told of a folder that is there, and of one that is not', async () => {
    expect((await diskCheck('/')).detail).toMatch(/^\d+\.\d GB free in \/$/);
    expect(await diskCheck('/no such folder')).toMatchObject({ ok: false });
  });
});
