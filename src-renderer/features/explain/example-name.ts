import type { ExplanationSummary } from '../../../src-shared/contract/views';

/** What an explained example is called in a sentence. */
export function nameOfExample({ example, picture }: ExplanationSummary): string {
  if (picture) return 'picture from outside';
  return `${example.split === 'train' ? 'training' : 'test'} example ${example.index}`;
}
