import { reportOf } from '../../src-shared/errors';
import { commands } from './commands/all';
import { commandContext } from './context';
import { refuseRelease } from './release-refusal';
import { UsageError, usage } from './usage';

/** Entry of the command line. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted. */
async function main(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  if (name === undefined || name === 'help' || words.includes('--help')) {
    process.stdout.write(`${usage}\n`);
    return name === undefined ? 2 : 0;
  }
  try {
    const load = commands.get(name);
    if (!load) throw new UsageError(`there is no command '${name}'`);
    await refuseRelease(name, rest);
    const context = commandContext();
    const command = await load();
    await command(rest, context);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`deltascope: ${error.message}\nSee deltascope --help.\n`);
      return 2;
    }
    const { code, message } = reportOf(error, 'cli');
    if (code === 'cancelled') return 130;
    process.stderr.write(`deltascope: ${message}\n`);
    if (code === 'internal' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    return 1;
  }
}

process.stdout.on('error', () => process.exit(1));
main(process.argv.slice(2)).then((code) => process.exit(code));
