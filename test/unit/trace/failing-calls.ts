import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { findCommand } from '../../../scripts/provision/run-command.mjs';

/** Whether system calls can be made to fail here: on Linux, with a compiler. */
export const canFailCalls = process.platform === 'linux' && findCommand('gcc') !== undefined;

export interface CallFault {
  /** Which call fails, counted from 0. */
  readonly at: number;
  readonly code: 'EIO' | 'ENOSPC';
  /** Whether all later ones fail as well. */
  readonly lasts?: boolean;
  /** The only kind of call that counts and fails; absent: all that change a file. */
  readonly call?: 'write' | 'sync';
}

/** Compiles the library that lets calls fail, into a folder. */
export function failingCalls(folder: string): FailingCalls {
  const library = join(folder, 'failing-calls.so');
  const source = join(import.meta.dirname, 'failing-calls.c');
  execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl']);
  return new FailingCalls(library, join(folder, 'failed'));
}

/** Calls that change the index of a run, below SQLite. */
export class FailingCalls {
  constructor(
    private readonly library: string,
    private readonly log: string,
  ) {}

  /** What a program has to be told to have a call fail. */
  environment({ at, code, lasts, call }: CallFault): NodeJS.ProcessEnv {
    return {
      ...process.env,
      LD_PRELOAD: this.library,
      FAULT_PATH: '/index.sqlite',
      FAULT_AT: String(at),
      FAULT_ERRNO: String(constants.errno[code]),
      FAULT_LOG: this.log,
      ...(lasts ? { FAULT_LASTS: '1' } : {}),
      ...(call ? { FAULT_CALL: call } : {}),
    };
  }

  /** The call that failed in the last program and its file, or how many there were. */
  outcome(): string {
    return readFileSync(this.log, 'utf8');
  }
}
