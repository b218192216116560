import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchitectureAnalysis } from '../../src-shared/architecture/architecture';
import { expectAccessible } from './support/application';
import { deltascope } from './support/command-line';
import { answerSaveDialog } from './support/dialogs';
import { expect, test } from './support/test';

test('the layers of a run: the map of the command line, a shallower network beside the first', async ({
  application,
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

  await test.step('exports the map as SVG, PNG and CSV', async () => {
    const { page } = layers;
    const save = async (kind: string) => {
      const name = `map.${kind.toLowerCase()}`;
      await answerSaveDialog(application, join(place.root, name));
      await page.getByRole('button', { name: `${kind}…`, exact: true }).press('Enter');
      await expect(layers.map.getByText(`saved as ${name}`)).toBeVisible();
      return readFile(join(place.root, name));
    };
    await layers.map.getByRole('region', { name: 'Map of classes and layers' }).focus();
    await page.keyboard.press('Control+e');
    const svg = (await save('SVG')).toString();
    expect(svg).toMatch(/<title id="title">Specificity by class and layer<\/title>/);
    expect(svg).toContain(`n: ${found.examples.length} test examples`);
    expect(svg).toContain('run small-lenet');
    for (const { name, classes } of found.layers) {
      expect(svg).toContain(name);
      for (const { specificity } of classes) expect(svg).toContain(specificity.toFixed(2));
    }
    const png = await save('PNG');
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    // At twice the size of the screen.
    expect(png.readUInt32BE(16)).toBeGreaterThanOrEqual(2 * 560);
    const csv = (await save('CSV')).toString();
    expect(csv).toContain('run small-lenet');
    const [columns = '', ...lines] = csv
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('#'));
    const at = (name: string) => columns.split(',').indexOf(name);
    const cells = found.layers.flatMap(({ name, classes }) =>
      classes.map(({ label, specificity }) => [name, String(label), String(specificity)]),
    );
    expect(
      lines.map((line) => {
        const row = line.split(',');
        return ['layer', 'class', 'specificity'].map((name) => row[at(name)]);
      }),
    ).toEqual(cells);
    await page.keyboard.press('Escape');
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
