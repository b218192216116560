import { copyOf, partStorage } from './codecs/storage';
import type {
  LayerStorage,
  NamedArray,
  RecordPart,
  RecordSink,
  RecordSource,
  ScanQuery,
  StepRecord,
  TracedLayer,
} from './records';

/** Keeps records in memory: a small training is explained without files. */
export class MemoryTrace implements RecordSink, RecordSource {
  readonly records: StepRecord[] = [];
  commitDue = false;
  committedSteps = 0;
  bytesWritten = 0;
  private readonly start: readonly NamedArray[];
  private end: readonly NamedArray[] = [];

  constructor(
    readonly layers: readonly TracedLayer[],
    start: readonly NamedArray[],
  ) {
    this.start = start.map((array) => ({ ...array, data: array.data.slice() }));
  }

  async append(record: StepRecord): Promise<void> {
    // The trainer writes over what it has quantised.
    const own = record.parts.map(({ layer, part, shape, data, encoded }) =>
      encoded && encoded.codec !== 'dense'
        ? { layer, part, shape, data, encoded: copyOf(encoded) }
        : { layer, part, shape, data },
    );
    this.records.push({ ...record, parts: own });
  }

  async commit(state: { tensors: (() => readonly NamedArray[]) | null }): Promise<void> {
    this.end = state.tensors?.() ?? [];
    this.committedSteps = this.records.length;
  }

  get parts(): readonly RecordPart[] {
    return [...new Set(this.records[0]?.parts.map(({ part }) => part))];
  }

  /** As if all of it were fp32, of which no error is known either. */
  get storage(): ReadonlyMap<string, LayerStorage> {
    const first = this.records[0]?.parts ?? [];
    return new Map(
      this.layers.map(({ name }) => {
        const own = first.filter(({ layer }) => layer === name);
        const parts = own.map(({ part }) => partStorage(part, 'dense', 0));
        return [name, { layer: name, parts, errorBound: 0 }];
      }),
    );
  }

  get steps() {
    const column = (pick: (record: StepRecord) => number) => this.records.map(pick);
    return {
      count: this.records.length,
      label: Int32Array.from(column((r) => r.label)),
      epoch: Int32Array.from(column((r) => r.epoch)),
      learningRate: Float64Array.from(column((r) => r.learningRate)),
      loss: Float64Array.from(column((r) => r.loss)),
      accuracy: Float64Array.from(column((r) => r.accuracy)),
    };
  }

  allExamples() {
    return this.records;
  }

  async *scan({ layers, parts, from = 0, to }: ScanQuery) {
    for (const { step, parts: stored } of this.records.slice(from, to)) {
      yield stored
        .filter(({ layer, part }) => layers.includes(layer) && parts.includes(part))
        .map(({ layer, part, shape, data, encoded }) => ({
          ...{ step, layer, part, shape, data },
          encoded: encoded ?? { codec: 'dense' as const, values: data },
        }));
    }
  }

  async weights(at: 'initial' | 'final'): Promise<readonly NamedArray[]> {
    return at === 'initial' ? this.start : this.end;
  }
}
