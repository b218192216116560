/** What every layer of a model has. */
export interface LayerBase {
  readonly name: string;
  /** Names of the layers this one reads; absent: the layer before. */
  readonly inputs?: readonly string[];
}
