import type { Page } from '@playwright/test';
import type { Bridge } from '../../../src-shared/contract/bridge';
import type { ResponseMessage } from '../../../src-shared/contract/rpc';

interface Call {
  readonly method: string;
  readonly params: unknown;
}

/** Sends calls as a page that has been taken over might; gives the answers in the calls' order. */
export function ask(page: Page, calls: readonly Call[]): Promise<ResponseMessage[]> {
  return page.evaluate((all) => {
    const { deltascope } = globalThis as unknown as { deltascope: Bridge };
    const first = 900_000;
    return new Promise<ResponseMessage[]>((resolve) => {
      const answers: ResponseMessage[] = [];
      let open = all.length;
      deltascope.onResponse((message) => {
        if (message.type === 'progress' || !(message.id - first in all)) return;
        answers[message.id - first] = message;
        open--;
        if (open === 0) resolve(answers);
      });
      for (const [at, call] of all.entries()) {
        deltascope.send({ type: 'call', id: first + at, ...call });
      }
    });
  }, calls);
}
