import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Whether this process may mount file systems: as root on Linux, outside a container's limits. */
export function mayMount(folder: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    unmountDisk(mountDisk(join(folder, 'probe'), '1m'));
    return true;
  } catch {
    return false;
  }
}

/** Makes a folder a disk of its own, in memory. */
export function mountDisk(path: string, size: string): string {
  mkdirSync(path, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'ignore' });
  return path;
}

/** Gives a disk another size, or makes it read-only (`ro`). */
export function remount(path: string, option: string): void {
  execFileSync('mount', ['-o', `remount,${option}`, path]);
}

/** Takes a disk away, also from a program that still looks at it. */
export function unmountDisk(path: string): void {
  execFileSync('umount', ['-l', path]);
}
