import { DeltascopeError } from '../../src-shared/errors';
import { graphShapeOf } from '../../src-shared/model/graph-shape';
import { Random } from '../../src-shared/random';
import type { Recipe } from '../../src-shared/recipe/recipe';

/** Changes a step's images in place, [n, height, width, channels] flattened; `indices` name them. */
export type Augmenter = (values: Float32Array, indices: ArrayLike<number>, step: number) => void;

/** What happens to one image: how far it moves, and whether it is mirrored after that. */
export interface ImageChange {
  /** Pixels that its content moves down and to the right; negative: up and to the left. */
  readonly down: number;
  readonly right: number;
  readonly mirrored: boolean;
}

/**
 * The random changes that a recipe's `augment` asks for: a crop of the image's own size out of the
 * image with `crop` pixels of padding on each side, then mirroring left and right with probability ½.
 *
 * What an example becomes in a step depends on seed, step and the example's index alone, so a
 * training that is taken up again, or repeated from an order of batches, sees the same images. Ghost
 * samples are changed like the batch: they stand for the distribution that is trained on. The
 * example keeps its index; what is recorded is its part as the changed image. Padding is a black
 * pixel, 0 before `normalize`.
 *
 * @param shape of one example; @param name of the data, for errors
 * @returns null where the recipe asks for none
 * @throws `recipe-invalid` where the examples are no images, or too small for the crop
 */
export function augmenter(
  { seed, augment, normalize }: Pick<Recipe, 'seed' | 'augment' | 'normalize'>,
  shape: readonly number[],
  name: string,
): Augmenter | null {
  if (!augment || (augment.crop === 0 && !augment.flip)) return null;
  const [height = 0, width = 0, channels = 0] = shape;
  if (shape.length !== 3) {
    const kind = graphShapeOf(shape) ? 'graphs' : `rows of ${height} numbers`;
    throw invalid(`augment needs images, but the examples of '${name}' are ${kind}.`);
  }
  if (augment.crop >= Math.min(height, width)) {
    throw invalid(
      `augment.crop is ${augment.crop}, but the images of '${name}' have ${height} × ${width} pixels; ` +
        'it must be less than that.',
    );
  }
  const black = Float32Array.from({ length: channels }, (_, c) => {
    if (!normalize) return 0;
    const { mean, std } = normalize;
    const centred = 0 - Math.fround(mean[c % mean.length] as number);
    return centred / Math.fround(std[c % std.length] as number);
  });
  const size = height * width * channels;
  const image = new Float32Array(size);
  return (values, indices, step) => {
    for (let i = 0; i < indices.length; i++) {
      const into = values.subarray(i * size, (i + 1) * size);
      image.set(into);
      const change = changeOf(Random.seeded(seed, `augment/${step}/${indices[i]}`), augment);
      changed(image, [height, width, channels], change, black, into);
    }
  };
}

/** Draws a change; the crop is the same whether or not images are mirrored as well. */
export function changeOf(
  random: Random,
  { crop, flip }: { readonly crop: number; readonly flip: boolean },
): ImageChange {
  const down = random.integer(2 * crop + 1) - crop;
  const right = random.integer(2 * crop + 1) - crop;
  return { down, right, mirrored: flip && random.integer(2) === 1 };
}

/**
 * Writes the changed image [height, width, channels] into `into`, which is not `image`.
 *
 * @param fill one number a channel, where nothing of the image comes to lie
 */
export function changed(
  image: Float32Array,
  [height, width, channels]: readonly [number, number, number],
  { down, right, mirrored }: ImageChange,
  fill: Float32Array,
  into: Float32Array,
): void {
  for (let y = 0; y < height; y++) {
    const fromY = y - down;
    for (let x = 0; x < width; x++) {
      const fromX = (mirrored ? width - 1 - x : x) - right;
      const at = (y * width + x) * channels;
      if (fromY < 0 || fromY >= height || fromX < 0 || fromX >= width) {
        into.set(fill, at);
        continue;
      }
      const from = (fromY * width + fromX) * channels;
      for (let c = 0; c < channels; c++) into[at + c] = image[from + c] as number;
    }
  }
}

function invalid(message: string): DeltascopeError {
  return new DeltascopeError('recipe-invalid', 'recipe', message);
}
