import type { LayerBase } from './layer-base';

/** Layers over tokens or time steps: values [tokens, features] of one example. */

export interface ReshapeSpec extends LayerBase {
  readonly type: 'Reshape';
  /** Shape of one example; one of the sizes may be −1 and follows from the others. */
  readonly targetShape: readonly number[];
}

/** Mean over the tokens: [tokens, features] → [features]. */
export interface GlobalAveragePooling1DSpec extends LayerBase {
  readonly type: 'GlobalAveragePooling1D';
}

/** A row of weights for each token's number: [tokens] → [tokens, outputDim]. Reads the data. */
export interface EmbeddingSpec extends LayerBase {
  readonly type: 'Embedding';
  /** Token numbers go from 0 to below this. */
  readonly inputDim: number;
  readonly outputDim: number;
}

/** A row of weights for each place in the sequence, to be added to the tokens. */
export interface PositionEmbeddingSpec extends LayerBase {
  readonly type: 'PositionEmbedding';
}

/** softmax(Q Kᵀ / √d) V in so many heads, without weights; reads query, value and key. */
export interface AttentionSpec extends LayerBase {
  readonly type: 'Attention';
  readonly numHeads: number;
  /** Whether a token attends only to itself and those before it. */
  readonly useCausalMask?: boolean;
}

/**
 * Reads query, value and key; of one input, itself to itself; of two, the second is value and key.
 * It is resolved into its parts: `NAME.query`, `NAME.key`, `NAME.value` (Dense), `NAME.attention`
 * and `NAME.output` (Dense).
 */
export interface MultiHeadAttentionSpec extends LayerBase {
  readonly type: 'MultiHeadAttention';
  readonly numHeads: number;
  /** Features of a head's queries and keys. */
  readonly keyDim: number;
  /** Features of a head's values; absent: `keyDim`. */
  readonly valueDim?: number;
  readonly useBias?: boolean;
  readonly useCausalMask?: boolean;
}

/** The recurrence of an LSTM over its input's gates [time, 4 units], in the order i, f, c, o. */
export interface LSTMCellSpec extends LayerBase {
  readonly type: 'LSTMCell';
  readonly units: number;
  /** Whether every time step's output is given, or the last one's. */
  readonly returnSequences?: boolean;
}

/** It is resolved into its parts: `NAME.input` (Dense over time) and `NAME.recurrent` (LSTMCell). */
export interface LSTMSpec extends LayerBase {
  readonly type: 'LSTM';
  readonly units: number;
  readonly useBias?: boolean;
  readonly returnSequences?: boolean;
}

/**
 * The recurrence of a GRU over its input [time, 3 units], in the order z, r, h, with the reset gate
 * behind the recurrent map.
 */
export interface GRUCellSpec extends LayerBase {
  readonly type: 'GRUCell';
  readonly units: number;
  /** Whether the recurrent map has a bias. */
  readonly useBias?: boolean;
  readonly returnSequences?: boolean;
}

/** The recurrence of a fully connected recurrent layer over its input [time, units], by tanh. */
export interface SimpleRNNCellSpec extends LayerBase {
  readonly type: 'SimpleRNNCell';
  readonly units: number;
  readonly useBias?: boolean;
  readonly returnSequences?: boolean;
}

/**
 * They are resolved into their parts, as an LSTM: `NAME.input` (Dense over time) and `NAME.recurrent`
 * (GRUCell, with a bias of its own where there is one, or SimpleRNNCell, without).
 */
export interface RecurrentSpec extends LayerBase {
  readonly type: 'GRU' | 'SimpleRNN';
  readonly units: number;
  readonly useBias?: boolean;
  readonly returnSequences?: boolean;
}

export type SequenceSpec =
  | ReshapeSpec
  | GlobalAveragePooling1DSpec
  | EmbeddingSpec
  | PositionEmbeddingSpec
  | AttentionSpec
  | MultiHeadAttentionSpec
  | LSTMCellSpec
  | GRUCellSpec
  | SimpleRNNCellSpec
  | RecurrentSpec
  | LSTMSpec;
