import type { LayerExplanation } from '../explanation/explanation';

/**
 * The certificate of a trace that is stored without loss: residuals below it count as complete.
 * It is fixed before any run.
 */
export const completenessLimit = 1e-5;

export type PartKind = 'initialization' | 'class' | 'ghost' | 'residual';

/** One part of a layer's signal, as bars and tables show it. */
export interface SignalPart {
  readonly kind: PartKind;
  /** The class, for a class's part. */
  readonly label: number | null;
  readonly name: string;
  readonly share: number;
  /** Steps behind it, for a class's part. */
  readonly steps: number | null;
}

/** What of a layer's explanation its parts are told by. */
export type PartedLayer = Pick<
  LayerExplanation,
  'target' | 'frozen' | 'initializationShare' | 'classes' | 'ghostShare'
>;

/**
 * A layer's signal taken apart: initialization, each class, ghost samples where there are any, and
 * what is left over, which closes the sum to 1. Of a frozen layer no class is told: none has a part.
 */
export function partsOf(layer: PartedLayer, classNames: readonly string[]): SignalPart[] {
  const parts: SignalPart[] = [];
  const push = (kind: PartKind, name: string, share: number) =>
    parts.push({ kind, label: null, name, share, steps: null });
  if (hasInitialization(layer)) {
    push('initialization', 'Initialization', layer.initializationShare);
  }
  for (const { label, share, steps } of layer.frozen ? [] : layer.classes) {
    parts.push({ kind: 'class', label, name: classNameOf(classNames, label), share, steps });
  }
  if (layer.ghostShare !== 0) push('ghost', 'Ghost samples', layer.ghostShare);
  const sum = parts.reduce((total, part) => total + part.share, 0);
  // What a frozen layer has learned is nothing, and nothing is left over of that.
  const whole = layer.frozen && layer.target === 'learned' ? 0 : 1;
  push('residual', 'Residual', whole - sum);
  return parts;
}

/** Classes that a table on paper lists one by one. */
export const listedClasses = 12;

/**
 * The parts with the classes of smallest shares as one, so that a hundred classes take no page;
 * those of `marked` stay. All of them where there are few.
 */
export function shortParts(parts: readonly SignalPart[], marked: readonly number[]): SignalPart[] {
  const classes = parts.filter(({ kind }) => kind === 'class');
  if (classes.length <= listedClasses) return [...parts];
  const rank = ({ label, share }: SignalPart) =>
    label !== null && marked.includes(label) ? Number.POSITIVE_INFINITY : Math.abs(share);
  const listed = new Set(
    [...classes].sort((a, b) => rank(b) - rank(a)).slice(0, listedClasses - 2),
  );
  const others = classes.filter((part) => !listed.has(part));
  const rest: SignalPart = {
    kind: 'class',
    label: null,
    name: `${others.length} other classes`,
    share: others.reduce((sum, { share }) => sum + share, 0),
    steps: null,
  };
  const last = parts.findLastIndex(({ kind }) => kind === 'class');
  return parts.flatMap((part, at) => {
    if (part.kind !== 'class') return [part];
    return [...(listed.has(part) ? [part] : []), ...(at === last ? [rest] : [])];
  });
}

/** Of what was learned, the start is no part but for what weight decay took from it. */
export function hasInitialization(layer: PartedLayer): boolean {
  return layer.target !== 'learned' || layer.initializationShare !== 0;
}

/** The limit that a layer's residual is held to: the codec's own bound where it is lossy. */
export function residualLimit(layer: { readonly errorBound: number }): number {
  return Math.max(completenessLimit, layer.errorBound);
}

/** Whether the bookkeeping of a layer adds up. */
export function isComplete(layer: { readonly residual: number; readonly errorBound: number }) {
  return layer.residual <= residualLimit(layer);
}

/** A class by its name, or by its number where it has none. */
export function classNameOf(classNames: readonly string[], label: number): string {
  return label < 0 ? 'mixed' : (classNames[label] ?? String(label));
}
