import type { ResolvedNode } from '../../../src-shared/model/resolved';
import { batchNormalization } from './batch-normalization';
import { convolution } from './convolution';
import { dense } from './dense';
import { add, concatenate, flatten, relu } from './elementwise';
import { edgeFeatures, graphMean, nodeFeatures, nodeSum, sourceNodes } from './graph-layers';
import { type Layer, rowwise } from './layer';
import { globalAveragePooling, pooling } from './pooling';

/** The mathematics of a resolved layer. */
export function buildLayer({ spec, inputShapes }: ResolvedNode): Layer {
  const channels = inputShapes[0]?.at(-1) ?? 0;
  switch (spec.type) {
    case 'Input':
      return rowwise({
        forward: ([x]) => x as NonNullable<typeof x>,
        backward: () => ({ inputs: [] }),
      });
    case 'Conv2D':
      return convolution(
        [spec.kernelSize, spec.kernelSize, channels, spec.filters],
        spec,
        spec.useBias,
      );
    case 'Dense':
      return dense(channels, spec.units, spec.useBias);
    case 'BatchNormalization':
      return batchNormalization(channels, spec);
    case 'ReLU':
      return relu();
    case 'MaxPooling2D':
      return pooling('max', spec);
    case 'AveragePooling2D':
      return pooling('average', spec);
    case 'GlobalAveragePooling2D':
      return globalAveragePooling();
    case 'Flatten':
      return flatten();
    case 'Add':
      return add();
    case 'Concatenate':
      return concatenate();
    case 'NodeFeatures':
      return nodeFeatures();
    case 'EdgeFeatures':
      return edgeFeatures();
    case 'SourceNodes':
      return sourceNodes();
    case 'SegmentSum':
      return nodeSum();
    case 'SegmentMean':
      return graphMean();
  }
}
