import {
  type ChosenSource,
  type ImportKind,
  type ImportPreview,
  importNameProblem,
} from '../../../../src-shared/contract/imports';
import { type ErrorReport, reportOf } from '../../../../src-shared/errors';
import { call, offerSource } from '../../../api/client';
import { AsyncValue } from '../../../shared/async-value.svelte';
import { FieldProblems } from '../../../shared/field-problems.svelte';

/** An import on its way: format, source, preview, name. */
class DataImport {
  readonly kinds = new AsyncValue<readonly ImportKind[]>();
  readonly preview = new AsyncValue<ImportPreview>();
  readonly fieldProblems = new FieldProblems();
  open = $state(false);
  kindName = $state('images');
  source = $state.raw<ChosenSource | null>(null);
  testFraction = $state<number | null>(null);
  height = $state<number | null>(null);
  width = $state<number | null>(null);
  name = $state('');
  keeping = $state(false);
  problem = $state.raw<ErrorReport | null>(null);

  readonly kind = $derived(
    this.kinds.value?.find(({ kind }) => kind === this.kindName) ?? this.kinds.value?.[0] ?? null,
  );
  /** Why it can't be kept under this name; null where it can. */
  readonly nameProblem = $derived(this.name === '' ? null : importNameProblem(this.name));

  async show(): Promise<void> {
    this.open = true;
    if (!this.kinds.value) await this.kinds.run((options) => call('import.kinds', {}, options));
  }

  /** Ends it; what was read and not kept is dropped. */
  close(): void {
    this.open = false;
    this.source = null;
    this.forget();
  }

  chooseKind(kind: string): void {
    if (kind === this.kindName) return;
    this.kindName = kind;
    this.source = null;
    this.testFraction = null;
    this.height = null;
    this.width = null;
    this.forget();
  }

  async chooseSource(): Promise<void> {
    const chosen = this.kind && (await call('import.choose', { kind: this.kind.kind }));
    if (chosen) await this.take(chosen);
  }

  async dropped(file: File): Promise<void> {
    const source = await offerSource(file);
    if (source) await this.#choose(source);
  }

  /** Opens the dialog with a source that was dropped elsewhere. */
  async offered(source: ChosenSource): Promise<void> {
    await this.show();
    await this.#choose(source);
  }

  async #choose(source: ChosenSource): Promise<void> {
    const format = formatOf(source.name);
    if (format !== null) this.chooseKind(format);
    await this.take(source);
  }

  /** Reads the source by the choices made; an earlier reading is given up. */
  async read(): Promise<void> {
    const { source, kind, testFraction, height, width } = this;
    if (!source || !kind || !this.fieldProblems.none) return;
    this.forget();
    const size = height === null || width === null ? null : ([height, width] as const);
    const params = { kind: kind.kind, source: source.source, options: { testFraction, size } };
    const preview = await this.preview.run((options) => call('import.read', params, options));
    if (preview && this.name === '') this.name = preview.suggestedName;
  }

  /** Gives the name that it was kept under; null where it could not be. */
  async keep(): Promise<string | null> {
    const preview = this.preview.value;
    if (!preview) return null;
    this.keeping = true;
    this.problem = null;
    try {
      await call('import.keep', { id: preview.id, name: this.name });
      const { name } = this;
      this.preview.clear();
      this.close();
      this.name = '';
      return name;
    } catch (error) {
      this.problem = reportOf(error, 'app');
      return null;
    } finally {
      this.keeping = false;
    }
  }

  private async take(source: ChosenSource): Promise<void> {
    this.source = source;
    this.name = '';
    await this.read();
  }

  private forget(): void {
    const id = this.preview.value?.id;
    this.preview.clear();
    this.problem = null;
    if (id !== undefined) void call('import.drop', { id });
  }
}

/** The format that a dropped file's name tells; null where it tells none. */
function formatOf(name: string): string | null {
  if (/\.npz$/i.test(name)) return 'npz';
  return /\.csv(?:\.gz)?$/i.test(name) ? 'csv' : null;
}

export const dataImport = new DataImport();
