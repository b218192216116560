import type { Layer } from './layer';

/** A layer whose weights stay as they start: gradients pass through it to what lies before. */
export function frozen(layer: Layer): Layer {
  return {
    ...layer,
    parameters: layer.parameters.map((parameter) => ({ ...parameter, trainable: false })),
    backward: (...asked) => ({ inputs: layer.backward(...asked).inputs, parameters: {} }),
  };
}
