import type { ChosenSource, ImportKind, ImportOptions, ImportPreview } from '../imports';
import type { DataSetInfo, ModelInfo } from '../views';

/** Data sets, their imports, and the models there are. */
export interface DataMethods {
  'data.list': { params: Record<string, never>; result: readonly DataSetInfo[] };
  /** Gives an imported data set another name; recipes of earlier runs still say the old one. */
  'data.rename': { params: { readonly name: string; readonly to: string }; result: null };
  /** Removes an imported data set for good; the runs made from it need it to be explained. */
  'data.remove': { params: { readonly name: string }; result: null };
  'import.kinds': { params: Record<string, never>; result: readonly ImportKind[] };
  /** Opens the dialog for a file or folder; null when the auditor cancels it. */
  'import.choose': { params: { readonly kind: string }; result: ChosenSource | null };
  /** Reads a source that was chosen or dropped; nothing is kept yet. Progress streams. */
  'import.read': {
    params: { readonly kind: string; readonly source: string; readonly options: ImportOptions };
    result: ImportPreview;
  };
  'import.keep': { params: { readonly id: string; readonly name: string }; result: null };
  'import.drop': { params: { readonly id: string }; result: null };
  'models.list': {
    params: { readonly shape: readonly number[]; readonly classes: number };
    result: readonly ModelInfo[];
  };
}
