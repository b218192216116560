import type { ExplainableRun } from '../../src-main/engine/explanation/explainable-run';
import { MemoryTrace } from '../../src-main/engine/memory-trace';
import { Network } from '../../src-main/engine/network';
import { orderedSampler } from '../../src-main/engine/sampler';
import { Trainer } from '../../src-main/engine/step';
import { train } from '../../src-main/engine/training';
import { type OracleCase, oracleCase } from './oracle';

/** An oracle's case, trained and recorded in memory by the engine that has been started. */
export async function recordOracle(
  name: string,
): Promise<{ oracle: OracleCase; trace: MemoryTrace; run: ExplainableRun }> {
  const oracle = oracleCase(name);
  const network = new Network(oracle.model, 1);
  network.parameters.import(oracle.initial, 'initial.safetensors');
  const trace = new MemoryTrace(oracle.model.traced, network.parameters.export());
  await train({
    trainer: new Trainer(network, oracle.recipe),
    sampler: orderedSampler(oracle.order),
    examples: oracle.train,
    sink: trace,
    committedSteps: 0,
    signal: new AbortController().signal,
    paused: () => false,
    admission: async () => undefined,
    onStep: () => undefined,
  });
  const run = {
    name,
    source: trace,
    network,
    optimizer: oracle.recipe.optimizer,
    splits: { train: oracle.train, test: oracle.test },
    perExample: oracle.recipe.perExample,
  };
  return { oracle, trace, run };
}
