import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchitectureAnalysis } from '../../src-shared/architecture/architecture';
import { expectAccessible } from './support/application';
import { deltascope } from './support/command-line';
import { expect, test } from './support/test';

test('the layers of a run: the map of the command line, a shallower network beside the first', async ({
  layers,
  open,
  explain,
  home,
  place,
  recorded,
}) => {
  const out = join(place.root, 'architecture.json');
  await deltascope(['architecture', recorded.folder, '--json', out], recorded.place);
  const found = JSON.parse(await readFile(out, 'utf8')) as ArchitectureAnalysis;
  await open(recorded.folder);
  await expect(explain.heading).toBeVisible();
  await layers.goTo();
  await layers.atRest();

  await test.step('shows the same numbers', async () => {
    const rows = await layers.rows(layers.list);
    expect(rows.map(([, name]) => name)).toEqual(found.layers.map(({ name }) => name));
    for (const [l, { whole, shareEntropy, reason }] of found.layers.entries()) {
      // Runs of the same bits on one machine give the same numbers.
      expect(rows[l]?.[3]).toBe(whole?.specificity.toFixed(3));
      expect(rows[l]?.[5]).toBe(shareEntropy?.toFixed(3));
      expect(rows[l]?.[7]).toBe(reason);
    }
    const map = await layers.rows(layers.map);
    expect(map).toHaveLength(found.layers[0]?.classes.length as number);
    expect(map[0]?.slice(1).map((text) => text.replace(/[^0-9.]/g, ''))).toEqual(
      found.layers.map(({ classes }) => classes[0]?.specificity.toFixed(2)),
    );
  });

  await test.step('is accessible, light and dark', async () => {
    for (const theme of ['Light', 'Dark'] as const) {
      await layers.chooseTheme(theme);
      await layers.atRest();
      await expectAccessible(layers.page);
    }
  });

  await test.step('retrains without a layer and compares', async () => {
    for (const box of await layers.list.getByRole('checkbox', { checked: true }).all()) {
      await box.uncheck();
    }
    await expect(layers.retrain).toBeDisabled();
    await layers.list.getByRole('checkbox', { name: 'Leave out fc1' }).check();
    await layers.retrain.click();
    await expect(layers.page.getByRole('dialog')).toHaveAccessibleName('Retrain without fc1');
    await layers.start.click();
    await expect(layers.sideBySide).toBeVisible({ timeout: 120_000 });
    const rows = new Map(
      (await layers.rows(layers.sideBySide)).map(([name, ...cells]) => [name, cells]),
    );
    expect(rows.get('Test accuracy')?.every((text) => /^\d+\.\d\s%$/.test(text))).toBe(true);
    expect(rows.get('Specificity of fc1')?.[1]).toBe('–');
    expect(rows.get('Parameters')).toHaveLength(2);
  });

  await test.step('the shallower network, whose layers stand in its recipe, opens from Home', async () => {
    await home.goTo();
    await home.runs.getByRole('button', { name: 'small-lenet-without-fc1', exact: true }).click();
    await home.goTo();
    await expect(
      layers.page.getByRole('region', { name: /^Open: small-lenet-without-fc1$/ }),
    ).toContainText('logits (10 units');
  });
});
