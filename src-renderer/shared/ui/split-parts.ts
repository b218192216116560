import * as v from 'valibot';
import { recall, remember } from '../memory';

const parts = v.picklist(['side', 'work']);

/** Which part of a screen was shown last where there is room for one of the two. */
export function keptPart(screen: string): v.InferOutput<typeof parts> {
  return recall(`part.${screen}`, parts) ?? 'work';
}

/** Keeps it for the next look, at the next start too. */
export function keepPart(screen: string, shown: v.InferOutput<typeof parts>): void {
  if (keptPart(screen) !== shown) remember(`part.${screen}`, shown);
}
