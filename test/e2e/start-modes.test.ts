import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { applicationArguments, electronPath } from '../setup/electron';

/** Starts the application with arguments and gives its exit code and what it wrote. */
function start(home: string, ...words: string[]): Promise<{ code: number; errors: string }> {
  const env = { ...process.env, XDG_CONFIG_HOME: join(home, 'config') };
  return new Promise((resolve) => {
    execFile(
      electronPath(),
      [...applicationArguments(), ...words],
      { env },
      (error, _out, errors) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, errors }),
    );
  });
}

let home = '';

test.beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'deltascope-start-'));
});

test.afterEach(() => rm(home, { recursive: true, force: true }));

test('wrong switches end with 2 and one line', async () => {
  const { code, errors } = await start(home, '--print-reports');
  expect(code).toBe(2);
  expect(errors).toContain('deltascope: --print-reports needs a path after it.');
});

test('what is no report is not printed', async () => {
  const [job, list] = [join(home, 'job.json'), join(home, 'list.json')];
  await writeFile(job, '{"model": {"version": 7}}');
  await writeFile(list, JSON.stringify([{ job, pdf: join(home, 'a.pdf') }]));
  const { code, errors } = await start(home, '--print-reports', list);
  expect(code).toBe(1);
  expect(errors).toContain(`${job} is not a report to print`);
  expect(await readdir(home)).not.toContain('a.pdf');
});

test('what is no run is not captured, and leaves no settings behind', async () => {
  const { code, errors } = await start(home, '--capture', join(home, 'none'), '--into', home);
  expect(code).toBe(1);
  expect(errors).toContain('deltascope: ');
  await expect(readFile(join(home, 'config', 'deltascope', 'runs.json'))).rejects.toThrow();
});
