import { systemChecks } from '../../worker/system-checks';
import { list, listingArguments } from './list';

/** `doctor [--json FILE]` */
export async function doctorCommand(words: readonly string[]): Promise<void> {
  const given = listingArguments(words, 0);
  const checks = await systemChecks();
  await list(given, { ok: checks.every(({ ok }) => ok), checks }, () =>
    checks.flatMap(({ name, ok, detail, advice }) => [
      `${ok ? 'ok  ' : 'LACK'}  ${name}: ${detail}`,
      ...(advice ? [`      ${advice}`] : []),
    ]),
  );
}
