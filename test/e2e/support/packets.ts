import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findCommand } from '../../../scripts/provision/run-command.mjs';

/** A program whose system calls are watched, with all threads and processes that it starts. */
export interface WatchedProgram {
  /** To be started in the program's place, with its arguments. */
  readonly path: string;
  /** The calls so far that sent something to another machine, or tried to. */
  readonly sent: () => Promise<string[]>;
}

/** Puts a witness before a program: strace, which sees every call whatever library makes it. */
export async function watchPackets(program: string, folder: string): Promise<WatchedProgram> {
  const strace = findCommand('strace');
  if (strace === undefined) throw new Error('strace is not here: sudo apt-get install strace');
  const path = join(folder, 'watched');
  const log = join(folder, 'system-calls');
  const options = '-f --seccomp-bpf -qq -e trace=%network -e signal=none';
  await writeFile(path, `#!/bin/sh\nexec ${strace} ${options} -o '${log}' '${program}' "$@"\n`, {
    mode: 0o755,
  });
  return { path, sent: async () => outbound(await readFile(log, 'utf8')) };
}

/**
 * The lines of an strace log that name an address outside of this machine. Nothing leaves it
 * without: a socket is connected to an address first, or each datagram carries one.
 */
export function outbound(log: string): string[] {
  const sending = /\b(?:connect|sendto|sendmsg|sendmmsg)\(/;
  const address = /sa_family=AF_INET6?\b.*?inet_(?:addr|pton)\((?:AF_INET6, )?"([^"]+)"/;
  return log.split('\n').filter((line) => {
    const to = sending.test(line) ? address.exec(line)?.[1] : undefined;
    return to !== undefined && !/^(?:127\.|::1$|::ffff:127\.)/.test(to);
  });
}
