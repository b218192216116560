import type { VerifyReport } from '../../src-shared/contract/compute';
import type { CallContext } from '../../src-shared/contract/rpc';
import { DeltascopeError } from '../../src-shared/errors';
import { explain } from '../engine/explanation/explain';
import { unrecordedLayers } from '../engine/explanation/explainable-run';
import { verifyFiles } from '../trace/verify-files';
import { type OpenRun, openForAggregates } from './open-run';

/** Test examples, or training examples where there are none, for the certificates. */
const sampleInputs = 8;

/**
 * Checks every byte of a run and then, per layer, the certificate: the largest residual over sample
 * inputs. A damaged run gets no certificates, since its numbers can't be trusted, and an unfinished
 * one none yet, since they are of the final weights.
 */
export async function verifyRun(folder: string, context: CallContext): Promise<VerifyReport> {
  const files = await verifyFiles(folder, context);
  if (files.some(({ ok }) => !ok)) return { ok: false, files, layers: [] };
  const run = await openIfFinished(folder);
  if (run === null) return { ok: true, files, layers: [] };
  try {
    const unrecorded = unrecordedLayers(run.explainable);
    return {
      ...{ ok: true, files, layers: await certificatesOf(run, context.signal) },
      ...(unrecorded.length > 0 ? { unrecorded } : {}),
    };
  } finally {
    run.close();
  }
}

/** The certificate of each layer: the largest residual over sample inputs. */
export async function certificatesOf(
  run: OpenRun,
  signal: AbortSignal,
): Promise<VerifyReport['layers']> {
  const { test, train } = run.reader.description.data.examples;
  const split = test > 0 ? 'test' : 'train';
  const length = Math.min(sampleInputs, test || train);
  const examples = Array.from({ length }, (_, index) => ({ split, index }) as const);
  const explanations = await explain(run.explainable, {
    examples,
    layers: null,
    target: { kind: 'representation' },
    unit: 'credit',
    exampleSplit: 'equal',
    top: 1,
    signal,
  });
  return (explanations[0]?.layers ?? []).map(({ name }, i) => ({
    name,
    residual: Math.max(...explanations.map((each) => each.layers[i]?.residual ?? 0)),
    errorBound: Math.max(...explanations.map((each) => each.layers[i]?.errorBound ?? 0)),
  }));
}

async function openIfFinished(folder: string): Promise<OpenRun | null> {
  try {
    return await openForAggregates(folder);
  } catch (error) {
    if (error instanceof DeltascopeError && error.code === 'run-unfinished') return null;
    throw error;
  }
}
