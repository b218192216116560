import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect } from 'vitest';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const entry = join(root, 'out/cli/main.mjs');

/** How a command ended. */
export interface Outcome {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Arguments of Node before the program. */
  readonly node?: readonly string[];
}

/** A command under way. */
export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Outcome>;
  /** What it has written to standard error so far. */
  readonly said: () => string;
  /** Resolves once a condition holds; rejects when the command ends before. */
  until(holds: () => boolean): Promise<void>;
}

/** Starts the built command line, with one thread unless told otherwise, so that bits repeat. */
export function start(words: readonly string[], options: CommandOptions = {}): Running {
  const child = spawn(process.execPath, [...(options.node ?? []), entry, ...words], {
    cwd: options.cwd ?? root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      TF_CPP_MIN_LOG_LEVEL: '2',
      TF_NUM_INTRAOP_THREADS: '1',
      TF_NUM_INTEROP_THREADS: '1',
      ...options.env,
    },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = new Promise<Outcome>((done, failed) => {
    child.on('error', failed);
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`it ended too early: ${stderr}`);
      }
      await new Promise((wake) => setTimeout(wake, 5));
    }
  };
  return { process: child, ended, said: () => stderr, until };
}

export function deltascope(words: readonly string[], options?: CommandOptions): Promise<Outcome> {
  return start(words, options).ended;
}

/** Runs a command that has to succeed; gives its standard output. */
export async function succeed(words: readonly string[], options?: CommandOptions): Promise<string> {
  const { code, stdout, stderr } = await deltascope(words, options);
  expect(code, `deltascope ${words.join(' ')}\n${stderr}`).toBe(0);
  return stdout;
}

/**
 * Runs a command that has to fail; gives what it says, which has to be one line with the program's
 * name and no stack.
 */
export async function failure(
  words: readonly string[],
  options?: CommandOptions & { readonly exit?: number },
): Promise<string> {
  const { code, stdout, stderr } = await deltascope(words, options);
  expect(code, `${words.join(' ')}\n${stdout}\n${stderr}`).toBe(options?.exit ?? 1);
  const said = stderr.split('\n').filter((line) => line.startsWith('deltascope: '));
  expect(said, stderr).toHaveLength(1);
  expect(stderr).not.toMatch(/\n\s+at /);
  return (said[0] as string).slice('deltascope: '.length);
}

const folders: string[] = [];

/** A folder on a disk, removed when the file's tests are done. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'deltascope-integration-'));
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}

/** Writes a recipe beside others of a test; gives its path. */
export function writeRecipe(folder: string, name: string, recipe: unknown): string {
  const path = join(folder, name);
  if (existsSync(path)) throw new Error(`${path} is there already`);
  writeFileSync(path, typeof recipe === 'string' ? recipe : JSON.stringify(recipe));
  return path;
}

/** Folder of an oracle case, see test/fixtures/oracle/README.md. */
export function oracleFolder(name: string): string {
  return join(root, 'test/fixtures/oracle', name);
}
