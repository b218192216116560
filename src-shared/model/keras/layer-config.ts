import { modelError, titleOf } from '../graph';
import type { PlanarSize } from '../layer-spec';

/** A JSON object whose fields are not known to be anything yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as messages show it, cut where it is long. */
export function shown(value: unknown): string {
  const written = String(JSON.stringify(value));
  return written.length > 60 ? `${written.slice(0, 59)}…` : written;
}

const largestSize = 2 ** 24;

/** A layer of a Keras model: its `config`, read field by field; every error names the layer. */
export class LayerConfig {
  readonly type: string;
  readonly name: string;

  constructor(
    type: unknown,
    name: unknown,
    private readonly values: JsonObject,
  ) {
    if (typeof name !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(name)) {
      throw modelError(
        `A layer is named ${shown(name)}; a name is 1 to 64 letters, digits, '_', '.' or '-', a ` +
          'letter or digit first.',
      );
    }
    if (typeof type !== 'string' || !/^\w{1,60}$/.test(type)) {
      throw modelError(`Layer '${name}' has the class_name ${shown(type)}, which names no layer.`);
    }
    this.type = type;
    this.name = name;
  }

  /** @throws `model-invalid`: the layer, and what is wrong with it */
  refuse(rule: string): never {
    throw modelError(`${titleOf(this)}: ${rule}`);
  }

  /** What stands at a field; undefined: nothing, or null. */
  value(field: string): unknown {
    return Object.hasOwn(this.values, field) ? (this.values[field] ?? undefined) : undefined;
  }

  /** @throws where something else than `wanted` stands at a field */
  only(field: string, wanted: string | number | boolean, advice = 'is not supported'): void {
    const found = this.value(field);
    if (found !== undefined && found !== wanted) {
      this.refuse(`${field} is ${shown(found)}, which ${advice}.`);
    }
  }

  /** A whole number, 1 or more. */
  size(field: string, fallback?: number): number {
    return this.sizeOf(field, this.value(field) ?? fallback);
  }

  /** A number for height and width, or one each. */
  planar(field: string, fallback?: PlanarSize): PlanarSize {
    const found = this.value(field) ?? fallback;
    if (!Array.isArray(found)) return this.sizeOf(field, found);
    if (found.length !== 2) {
      this.refuse(`${field} is ${shown(found)}; it must be a number, or height and width.`);
    }
    const [height, width] = found.map((size) => this.sizeOf(field, size)) as [number, number];
    return height === width ? height : [height, width];
  }

  /** A number for height and width that has to be the same for both. */
  square(field: string, fallback: number): number {
    const size = this.planar(field, fallback);
    if (typeof size === 'number') return size;
    return this.refuse(
      `${field} is ${shown(size)}; only one number for height and width is supported.`,
    );
  }

  number(field: string, fallback?: number): number {
    const found = this.value(field) ?? fallback;
    if (typeof found === 'number' && Number.isFinite(found)) return found;
    return this.refuse(`${field} is ${shown(found)}; it must be a number.`);
  }

  flag(field: string, fallback: boolean): boolean {
    const found = this.value(field) ?? fallback;
    if (typeof found === 'boolean') return found;
    return this.refuse(`${field} is ${shown(found)}; it must be true or false.`);
  }

  word<const Words extends readonly string[]>(
    field: string,
    words: Words,
    fallback: Words[number],
  ): Words[number] {
    const found = this.value(field) ?? fallback;
    const word = words.find((each) => each === found);
    if (word !== undefined) return word;
    return this.refuse(`${field} is ${shown(found)}; only ${words.join(', ')} are supported.`);
  }

  /** The axis that has to be the last one: a number, or a list of this one number. */
  axis(): number {
    const found = this.value('axis') ?? -1;
    const axis: unknown = Array.isArray(found) && found.length === 1 ? found[0] : found;
    if (typeof axis === 'number' && Number.isInteger(axis)) return axis;
    return this.refuse(`axis is ${shown(found)}; it must be the last one, −1.`);
  }

  /** What no layer may ask for: it would be trained as something else than the file says. */
  checkCommon(): void {
    this.only('data_format', 'channels_last');
    const given = this.value('dtype');
    // Keras 3 writes a policy, whose name is the type.
    const policy = isJsonObject(given) && isJsonObject(given.config) ? given.config.name : given;
    const dtype = policy ?? 'float32';
    if (dtype !== 'float32' && dtype !== 'int32') {
      this.refuse(`dtype is ${shown(dtype)}; only float32 is supported.`);
    }
    for (const [field, value] of Object.entries(this.values)) {
      if (value === null || !/_(regularizer|constraint)$/.test(field)) continue;
      this.refuse(`${field.slice(0, 60)} is not supported; the optimizer has weightDecay.`);
    }
  }

  private sizeOf(field: string, found: unknown): number {
    if (Number.isInteger(found) && Number(found) >= 1 && Number(found) <= largestSize) {
      return Number(found);
    }
    return this.refuse(`${field} is ${shown(found)}; it must be a whole number, 1 or more.`);
  }
}
