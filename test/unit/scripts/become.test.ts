import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const BECOME = resolve('scripts/build/become.mjs');
const CHILD = `
import { writeFileSync, renameSync } from 'node:fs';
const [what, file] = process.argv.slice(2);
if (what === 'interruptible') process.on('SIGINT', () => process.exit(130));
if (what === 'exit') process.exit(2);
writeFileSync(file + '.part', String(process.pid));
renameSync(file + '.part', file);
setTimeout(() => {}, 60_000);
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deltascope-become-'));
  await writeFile(join(folder, 'child.mjs'), CHILD);
  await writeFile(
    join(folder, 'wrapper.mjs'),
    `import { become } from ${JSON.stringify(BECOME)};
     await become(process.execPath, [${JSON.stringify(join(folder, 'child.mjs'))}, ...process.argv.slice(2)]);`,
  );
});
afterEach(() => rm(folder, { recursive: true }));

function start(what: string): ChildProcess {
  const args = [join(folder, 'wrapper.mjs'), what, join(folder, 'pid')];
  return spawn(process.execPath, args, { stdio: 'ignore' });
}

function childPid(): Promise<number> {
  return vi.waitFor(async () => Number(await readFile(join(folder, 'pid'), 'utf8')), 10_000);
}

describe('become', () => {
  it('hands on the exit code', async () => {
    expect(await once(start('exit'), 'exit')).toEqual([2, null]);
  });

  it('hands on an interrupt and the answer to it', async () => {
    const wrapper = start('interruptible');
    await childPid();
    wrapper.kill('SIGINT');
    expect(await once(wrapper, 'exit')).toEqual([130, null]);
  });

  it('ends by the signal that ended its program', async () => {
    const wrapper = start('steady');
    process.kill(await childPid(), 'SIGKILL');
    expect(await once(wrapper, 'exit')).toEqual([null, 'SIGKILL']);
  });

  it.runIf(process.platform === 'linux')('takes its program with it when killed', async () => {
    const wrapper = start('steady');
    const pid = await childPid();
    wrapper.kill('SIGKILL');
    await once(wrapper, 'exit');
    await vi.waitFor(async () => {
      const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
      expect(state.slice(state.lastIndexOf(')') + 2)[0]).toBe('Z');
    }, 5_000);
  });
});
