/** What every layer of a model has. */
export interface LayerBase {
  readonly name: string;
  /** Names of the layers this one reads; absent: the layer before. */
  readonly inputs?: readonly string[];
  /** False: its weights stay as they start, so no step has anything for it; batch normalisation then infers. */
  readonly trainable?: boolean;
}
