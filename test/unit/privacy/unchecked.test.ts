import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Log } from '../../../src-main/app/log';
import { startEngine } from '../../../src-main/engine/backend';
import type { LabelledExamples } from '../../../src-main/engine/scorecard/small-run';
import { drawMaterial, explainMaterial } from '../../../src-main/privacy/gather';
import { allOutputs, type Material } from '../../../src-main/privacy/outputs/all';
import { systemRandom } from '../../../src-main/privacy/secret-random';
import { clouds, type TrainedRun, trainSmall } from '../../support/small-training';

const settings = { atLeast: 10, epsilon: null, examples: null } as const;

let trained: TrainedRun;
let material: Material;
beforeAll(async () => {
  await startEngine();
  trained = await trainSmall(clouds(1, 240, 400), [{ type: 'Dense', name: 'logits', units: 4 }], {
    batchSize: 12,
    ghostSamples: 0,
    optimizer: { name: 'sgd', learningRate: 0.05 },
    epochs: 2,
  });
  const { run, predicted } = trained;
  const request = { split: 'test', predicted, settings, random: systemRandom } as const;
  const drawn = drawMaterial(run, { ...request, permutations: 19 });
  material = {
    ...drawn,
    ...(await explainMaterial(run, drawn, { ...request, permutations: 19 }, {})),
  };
});
afterAll(() => trained.run.dispose());

describe('an output that the rules cannot be run on', () => {
  it('fails and shows nothing, the others as before; each is told once it is checked', () => {
    const { labels } = trained.run.splits.test as LabelledExamples;
    expect(labels).toHaveLength(400);
    const whole = allOutputs(material, { ...settings, random: systemRandom });
    expect(whole.filter(({ check }) => check.state !== 'fail').length).toBeGreaterThan(4);
    // A tally whose cells lost what the class shares, and so the timeline, are made of.
    const layers = material.tally.layers.map((layer) => ({
      ...layer,
      cells: new Map(
        [...layer.cells].map(([label, cell]) => [
          label,
          {
            ...cell,
            examples: cell.examples.map(({ shares: _, ...rest }) => rest),
          },
        ]),
      ),
    }));
    const tally = Object.create(material.tally, { layers: { value: layers } });
    const told: string[] = [];
    const broken = allOutputs(
      { ...material, tally },
      {
        ...{ ...settings, random: systemRandom },
        onChecked: ({ kind, check }) => told.push(`${kind} ${check.state}`),
      },
    );
    const file = join(mkdtempSync(join(tmpdir(), 'deltascope-log-')), 'deltascope.log');
    const log = new Log(file);
    log.unchecked(broken);
    const lines = log.read().trimEnd().split('\n');
    expect(lines.map((line) => line.replace(/^\S+ /, ''))).toEqual([
      'release.check: the rules could not be run on class-shares',
      'release.check: the rules could not be run on timeline',
    ]);
    rmSync(dirname(file), { recursive: true });
    expect(told).toEqual(broken.map(({ kind, check }) => `${kind} ${check.state}`));
    for (const [at, { kind, check, content }] of broken.entries()) {
      if (kind === 'class-shares' || kind === 'timeline') {
        expect(check).toMatchObject({ state: 'fail', rule: null, cells: 0 });
        expect(check.reason).toContain('could not be run');
        expect(content).toMatchObject({ layers: [] });
      } else {
        expect([kind, check.state]).toEqual([whole[at]?.kind, whole[at]?.check.state]);
      }
    }
  });
});
