import type { LayerSpec } from './layer-spec';
import type { Preset } from './preset';

const blocks = 2;
const width = 64;
const patch = 4;

/** A small vision transformer (Dosovitskiy et al., 2021): patches as tokens, their mean read out. */
function transformerLayers(classes: number): LayerSpec[] {
  const layers: LayerSpec[] = [
    { type: 'Conv2D', name: 'patches', filters: width, kernelSize: patch, strides: patch },
    { type: 'Reshape', name: 'tokens', targetShape: [-1, width] },
    { type: 'PositionEmbedding', name: 'positions' },
    { type: 'Add', name: 'start', inputs: ['tokens', 'positions'] },
  ];
  let before = 'start';
  for (let block = 1; block <= blocks; block++) {
    const name = (part: string): string => `${part}${block}`;
    layers.push(
      { type: 'LayerNormalization', name: name('norm_a'), inputs: [before] },
      { type: 'MultiHeadAttention', name: name('attention'), numHeads: 4, keyDim: width / 4 },
      { type: 'Add', name: name('attended'), inputs: [name('attention'), before] },
      { type: 'LayerNormalization', name: name('norm_b') },
      { type: 'Dense', name: name('wide'), units: 2 * width },
      { type: 'Activation', name: name('gelu'), activation: 'gelu' },
      { type: 'Dense', name: name('narrow'), units: width },
      { type: 'Add', name: name('sum'), inputs: [name('narrow'), name('attended')] },
    );
    before = name('sum');
  }
  return [
    ...layers,
    { type: 'LayerNormalization', name: 'norm' },
    { type: 'GlobalAveragePooling1D', name: 'mean' },
    { type: 'Dense', name: 'logits', units: classes },
  ];
}

export const tinyTransformer: Preset = {
  name: 'tiny-transformer',
  title: 'Tiny transformer',
  description:
    'Two transformer blocks of 64 features and 4 heads over patches of 4×4 pixels. For images.',
  layers: transformerLayers,
};
