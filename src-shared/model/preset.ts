import type { LayerSpec } from './layer-spec';

/** A model that a recipe can name. */
export interface Preset {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Its layers for data of so many classes and examples of a shape. */
  readonly layers: (classes: number, shape: readonly number[]) => readonly LayerSpec[];
}
