import { modelError, titleOf } from './graph';
import type {
  Conv2DSpec,
  DepthwiseConv2DSpec,
  HeightWidth,
  LayerSpec,
  Pooling2DSpec,
  ZeroPadding2DSpec,
} from './layer-spec';
import { heightWidth, layerDefaults } from './layer-spec';
import { checkSizes, type ResolvedShape, type Shape } from './shape-checks';

/** Layers that slide a window over an image. */

export function resolveConvolution(spec: Conv2DSpec, input: Shape): ResolvedShape {
  const { type, name, filters } = spec;
  const defaults = layerDefaults.convolution;
  const kernelSize = heightWidth(spec.kernelSize);
  const strides = heightWidth(spec.strides ?? defaults.strides);
  const padding = spec.padding ?? defaults.padding;
  const dilationRate = spec.dilationRate ?? defaults.dilationRate;
  const groups = spec.groups ?? defaults.groups;
  const useBias = spec.useBias ?? defaults.useBias;
  checkSizes(spec, { filters, kernelSize, strides, dilationRate, groups });
  const [height, width, channels] = imageOf(spec, input);
  if (channels % groups !== 0 || filters % groups !== 0) {
    throw modelError(
      `${titleOf(spec)}: ${groups} groups do not divide ${channels} channels and ${filters} filters.`,
    );
  }
  const window = { kernelSize, strides, padding, dilationRate };
  const shape = [...placesOf(spec, height, width, window), filters];
  const inputs = kernelSize[0] * kernelSize[1] * (channels / groups) + (useBias ? 1 : 0);
  return {
    spec: { type, name, filters, groups, useBias, ...window },
    shape,
    parameters: inputs * filters,
  };
}

export function resolveDepthwiseConvolution(
  spec: DepthwiseConv2DSpec,
  input: Shape,
): ResolvedShape {
  const { type, name } = spec;
  const defaults = layerDefaults.convolution;
  const kernelSize = heightWidth(spec.kernelSize);
  const strides = heightWidth(spec.strides ?? defaults.strides);
  const padding = spec.padding ?? defaults.padding;
  const dilationRate = spec.dilationRate ?? defaults.dilationRate;
  const depthMultiplier = spec.depthMultiplier ?? layerDefaults.depthMultiplier;
  const useBias = spec.useBias ?? defaults.useBias;
  checkSizes(spec, { kernelSize, strides, dilationRate, depthMultiplier });
  if (strides[0] !== strides[1]) {
    throw modelError(
      `${titleOf(spec)}: strides is [${strides.join(', ')}]; TensorFlow has this layer with equal strides only.`,
    );
  }
  const [height, width, channels] = imageOf(spec, input);
  const window = { kernelSize, strides, padding, dilationRate };
  const filters = channels * depthMultiplier;
  return {
    spec: { type, name, depthMultiplier, useBias, ...window },
    shape: [...placesOf(spec, height, width, window), filters],
    parameters: (kernelSize[0] * kernelSize[1] + (useBias ? 1 : 0)) * filters,
  };
}

export function resolvePooling(spec: Pooling2DSpec, input: Shape): ResolvedShape {
  const { type, name } = spec;
  const poolSize = heightWidth(spec.poolSize ?? layerDefaults.pooling.poolSize);
  // As in Keras, windows lie side by side unless told otherwise.
  const strides = heightWidth(spec.strides ?? poolSize);
  const padding = spec.padding ?? layerDefaults.pooling.padding;
  checkSizes(spec, { poolSize, strides });
  const [height, width, channels] = imageOf(spec, input);
  const shape = [
    windows(spec, height, poolSize[0], strides[0], padding),
    windows(spec, width, poolSize[1], strides[1], padding),
    channels,
  ];
  return { spec: { type, name, poolSize, strides, padding }, shape, parameters: 0 };
}

export function resolveZeroPadding(spec: ZeroPadding2DSpec, input: Shape): ResolvedShape {
  const { type, name } = spec;
  const [height, width, channels] = imageOf(spec, input);
  const all = spec.padding;
  const padding =
    typeof all === 'number'
      ? ([
          [all, all],
          [all, all],
        ] as const)
      : all;
  for (const size of padding.flat()) {
    if (Number.isInteger(size) && size >= 0 && size <= 4096) continue;
    throw modelError(
      `${titleOf(spec)}: padding is ${size}; it must be a whole number from 0 to 4096.`,
    );
  }
  const [[top, bottom], [left, right]] = padding;
  const shape = [height + top + bottom, width + left + right, channels];
  return { spec: { type, name, padding }, shape, parameters: 0 };
}

/** Rows and columns of a convolution's output. */
function placesOf(
  spec: LayerSpec,
  height: number,
  width: number,
  window: {
    readonly kernelSize: HeightWidth;
    readonly strides: HeightWidth;
    readonly padding: 'same' | 'valid';
    readonly dilationRate: number;
  },
): readonly [number, number] {
  const { kernelSize, strides, padding, dilationRate } = window;
  if (Math.max(...strides) > 1 && dilationRate > 1) {
    throw modelError(
      `${titleOf(spec)}: strides is ${inWords(strides)} and dilationRate ${dilationRate}; one of them must be 1.`,
    );
  }
  const [tall, wide] = kernelSize.map((size) => (size - 1) * dilationRate + 1) as [number, number];
  return [
    windows(spec, height, tall, strides[0], padding),
    windows(spec, width, wide, strides[1], padding),
  ];
}

function inWords([height, width]: HeightWidth): string {
  return height === width ? String(height) : `[${height}, ${width}]`;
}

/** @throws `model-invalid` naming the layer where its input is no image */
export function imageOf(spec: LayerSpec, input: Shape): readonly [number, number, number] {
  const [height, width, channels] = input;
  if (input.length !== 3 || height === undefined || width === undefined || channels === undefined) {
    throw modelError(
      `${titleOf(spec)} needs an image [height, width, channels], but gets [${input.join(', ')}]; ` +
        'use image data, and put it before Flatten or GlobalAveragePooling2D.',
    );
  }
  return [height, width, channels];
}

/** Places of a window of `size` along `side`: TensorFlow's rule for either padding. */
function windows(
  spec: LayerSpec,
  side: number,
  size: number,
  strides: number,
  padding: 'same' | 'valid',
): number {
  if (padding === 'same') return Math.ceil(side / strides);
  if (size > side) {
    throw modelError(
      `${titleOf(spec)}: a window of ${size} does not fit into a side of ${side}; ` +
        "make it smaller, or set padding to 'same'.",
    );
  }
  return Math.floor((side - size) / strides) + 1;
}
