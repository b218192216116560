/**
 * The optimizers of a recipe. Fields have PyTorch's meaning; every default is in
 * `optimizerDefaults`.
 */
export type OptimizerSpec = SgdSpec | SamSpec | AdamSpec;

/** What the recursion of the design's section 2.3 needs to know. */
export interface DescentSpec {
  readonly learningRate: number;
  readonly momentum: number;
  readonly dampening: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
  /** Weight decay applied to the weights directly rather than through the gradient. */
  readonly decoupled: boolean;
}

export interface SgdSpec extends DescentSpec {
  readonly name: 'sgd';
}

/**
 * Sharpness-aware minimization (Foret et al., 2021) over SGD: the descent takes the gradient at
 * W + ρ g / ‖g‖, of the same batch, ‖g‖ over all parameters.
 */
export interface SamSpec extends DescentSpec {
  readonly name: 'sam';
  /** ρ. */
  readonly rho: number;
}

/** Adam (Kingma & Ba, 2015); `decoupled` makes it AdamW (Loshchilov & Hutter, 2019). */
export interface AdamSpec {
  readonly name: 'adam';
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  /** ε, added to √v̂. */
  readonly epsilon: number;
  readonly weightDecay: number;
  readonly decoupled: boolean;
}

/** An optimizer as a recipe writes it; `adamw` is `adam` with `decoupled`. */
export type OptimizerInput =
  | Partial<SgdSpec>
  | (Partial<SamSpec> & Pick<SamSpec, 'name'>)
  | (Partial<AdamSpec> & Pick<AdamSpec, 'name'>)
  | (Partial<Omit<AdamSpec, 'name' | 'decoupled'>> & {
      readonly name: 'adamw';
      readonly decoupled?: true;
    });

const descent = {
  learningRate: 0.01,
  momentum: 0,
  dampening: 0,
  nesterov: false,
  weightDecay: 0,
  decoupled: false,
} as const;

/** Values of the fields that a recipe's optimizer leaves out. */
export const optimizerDefaults = {
  sgd: { name: 'sgd', ...descent },
  sam: { name: 'sam', ...descent, rho: 0.05 },
  adam: {
    name: 'adam',
    learningRate: 0.001,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: 0,
    decoupled: false,
  },
} as const satisfies {
  readonly [Name in OptimizerSpec['name']]: Extract<OptimizerSpec, { name: Name }>;
};

/**
 * Whether an update mixes earlier gradients or decay in, so that the units `update` and `credit` say
 * different things. An optimizer that stores its updates has but the one unit.
 */
export function unitsDiffer(optimizer: OptimizerSpec): boolean {
  return optimizer.name === 'sgd' && (optimizer.momentum !== 0 || optimizer.weightDecay !== 0);
}

/**
 * Whether a run of this optimizer stores its updates Δ_t rather than gradients: they do not follow
 * linearly from the gradients, so there is no exact credit, and each update counts for the step
 * that applied it (design: section 2.3).
 */
export function storesUpdates({ name }: Pick<OptimizerSpec, 'name'>): boolean {
  return name !== 'sgd';
}
