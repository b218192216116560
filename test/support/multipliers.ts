import { KernelMultiplier } from '../../src-main/engine/kernels/kernel-multiplier';
import { Kernels } from '../../src-main/engine/kernels/kernels';
import type { Multiplier } from '../../src-main/engine/kernels/multiplier';
import { multiplyStored, NativeMultiplier } from '../../src-main/engine/kernels/native-multiplier';
import type { PartHeader, StoredPart } from '../../src-main/engine/records';
import { LocatedParts } from './located-parts';

type Multiply = (
  parts: readonly StoredPart[],
  work: (multiplier: Multiplier<PartHeader>, parts: readonly PartHeader[]) => Promise<void>,
) => Promise<void>;

/** With the parts in memory, and where the binding can, in a file. */
export const multipliers: readonly Multiply[] = [
  async (parts, work) => {
    const kernels = await Kernels.borrow();
    const multiplier = new KernelMultiplier(kernels);
    await work(multiplier as Multiplier<PartHeader>, parts);
    multiplier.dispose();
    kernels.giveBack();
  },
  async (parts, work) => {
    const multiply = multiplyStored();
    if (!multiply) return;
    const located = new LocatedParts();
    const multiplier = new NativeMultiplier(multiply, undefined);
    await work(
      multiplier as Multiplier<PartHeader>,
      parts.map((part) => located.put(part)),
    );
    located.close();
  },
];
