import { type ResolvedNode, sizeOf } from '../../../src-shared/model/resolved';
import { activation, activations, elu, leakyReLU } from './activation';
import { attention } from './attention';
import { batchNormalization, inferring } from './batch-normalization';
import { cellMap, cellRecurrence } from './cell-recurrence';
import { gru, simpleRNN } from './cells';
import { convolution } from './convolution';
import { dense } from './dense';
import { depthwiseConvolution } from './depthwise-convolution';
import { dropout } from './dropout';
import { add, concatenate, reshape, zeroPadding } from './elementwise';
import { embedding, positionEmbedding } from './embedding';
import { frozen } from './frozen';
import { edgeFeatures, graphMean, nodeFeatures, nodeSum, sourceNodes } from './graph-layers';
import { type Layer, rowwise } from './layer';
import { layerNormalization } from './layer-normalization';
import { type LinearMathematics, linear } from './linear';
import { globalAveragePooling, globalAveragePooling1D, pooling } from './pooling';
import { recurrence, recurrentMap } from './recurrence';

/** The mathematics of a resolved layer. */
export function buildLayer(node: ResolvedNode): Layer {
  const layer = trainedLayer(node);
  if (node.trainable || layer.parameters.length === 0) return layer;
  return frozen(node.spec.type === 'BatchNormalization' ? inferring(layer, node.spec) : layer);
}

function trainedLayer(node: ResolvedNode): Layer {
  const { spec, inputShapes, outputShape } = node;
  const channels = inputShapes[0]?.at(-1) ?? 0;
  switch (spec.type) {
    case 'Input':
      return rowwise({
        forward: ([x]) => x as NonNullable<typeof x>,
        backward: () => ({ inputs: [] }),
      });
    case 'GRUCell':
      return cellRecurrence(gru, spec);
    case 'SimpleRNNCell':
      return cellRecurrence(simpleRNN, spec);
    case 'LSTMCell':
      return recurrence(spec.units, spec.returnSequences);
    case 'Attention':
      return attention(spec.numHeads, spec.useCausalMask);
    case 'BatchNormalization':
      return batchNormalization(channels, spec);
    case 'LayerNormalization':
      return layerNormalization(channels, spec.epsilon);
    case 'Dropout':
      return dropout(spec.rate);
    case 'ReLU':
      return activation(activations.relu);
    case 'Activation':
      return activation(activations[spec.activation]);
    case 'LeakyReLU':
      return activation(leakyReLU(spec.negativeSlope));
    case 'ELU':
      return activation(elu(spec.alpha));
    case 'MaxPooling2D':
      return pooling('max', spec);
    case 'AveragePooling2D':
      return pooling('average', spec);
    case 'GlobalAveragePooling2D':
      return globalAveragePooling();
    case 'GlobalAveragePooling1D':
      return globalAveragePooling1D();
    case 'ZeroPadding2D':
      return zeroPadding(spec.padding);
    case 'Flatten':
      return reshape([sizeOf(outputShape)]);
    case 'Reshape':
      return reshape(outputShape);
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
    default:
      return linear(linearMathematics(node));
  }
}

/** The linear map of a traced layer. */
export function linearMathematics({ spec, inputShapes }: ResolvedNode): LinearMathematics {
  const input = inputShapes[0] ?? [];
  const channels = input.at(-1) ?? 0;
  switch (spec.type) {
    case 'Conv2D': {
      const { kernelSize: size, filters, groups } = spec;
      return convolution([...size, channels / groups, filters], spec, spec.useBias);
    }
    case 'DepthwiseConv2D': {
      const { kernelSize: size, depthMultiplier } = spec;
      return depthwiseConvolution([...size, channels, depthMultiplier], spec, spec.useBias);
    }
    case 'Dense':
      return dense(channels, spec.units, spec.useBias);
    case 'Embedding':
      return embedding(spec.name, spec.inputDim, spec.outputDim);
    case 'PositionEmbedding':
      return positionEmbedding(input[0] ?? 0, channels);
    case 'GRUCell':
      return cellMap(gru, spec);
    case 'SimpleRNNCell':
      return cellMap(simpleRNN, spec);
    case 'LSTMCell':
      return recurrentMap(spec.units);
    default:
      throw new Error(`${spec.name} is no linear map`);
  }
}
