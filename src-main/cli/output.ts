import { constants } from 'node:fs';
import { access, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Progress } from '../../src-shared/contract/progress';
import { DeltascopeError } from '../../src-shared/errors';

/** A path as the caller means it: `npm run deltascope` starts this where the caller stands. */
export function callerPath(path: string): string {
  return resolve(process.cwd(), path);
}

/** Writes a result as JSON to a file, or with `-` to standard output. Typed arrays become lists. */
export async function writeJson(target: string, value: unknown): Promise<void> {
  const text = `${JSON.stringify(value, plainArrays)}\n`;
  if (target === '-') {
    await new Promise<void>((done) => process.stdout.write(text, () => done()));
    return;
  }
  await writeTo(target, text);
}

/**
 * Says before long work that its result could not be written; `-` always can.
 *
 * @throws `no-permission`, `write-failed` naming the file
 */
export async function checkTarget(target: string): Promise<void> {
  if (target === '-') return;
  const path = callerPath(target);
  try {
    await access(dirname(path), constants.W_OK);
    const there = await stat(path).catch(() => null);
    if (there?.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** @throws `no-permission`, `write-failed` naming the file */
export async function writeTo(target: string, content: string | Uint8Array): Promise<void> {
  const path = callerPath(target);
  try {
    await writeFile(path, content);
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): DeltascopeError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'ENOENT') {
    return new DeltascopeError(
      'write-failed',
      'cli',
      `${path} cannot be written: its folder is not there.`,
    );
  }
  if (code === 'ENOSPC') {
    return new DeltascopeError('disk-full', 'cli', `${path} cannot be written: the disk is full.`);
  }
  if (code === 'EISDIR') {
    return new DeltascopeError('write-failed', 'cli', `${path} cannot be written: it is a folder.`);
  }
  const denied = code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
  const reason = denied ? 'no permission' : code || String(error);
  return new DeltascopeError(
    denied ? 'no-permission' : 'write-failed',
    'cli',
    `${path} cannot be written: ${reason}.`,
  );
}

function plainArrays(_key: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
    ? Array.from(value as Float64Array)
    : value;
}

/** One line to standard error. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Progress on standard error: one line that is rewritten on a terminal, a line now and then else. */
export function progressPrinter(): (progress: Progress) => void {
  let lastLine = Number.NEGATIVE_INFINITY;
  const live = process.stderr.isTTY;
  return (progress) => {
    const now = performance.now();
    const final = progress.kind === 'record' && progress.state !== 'training';
    if (!final && now - lastLine < (live ? 200 : 5000)) return;
    lastLine = now;
    const line = progressLine(progress);
    process.stderr.write(live ? `\r\u001b[2K${line}${final ? '\n' : ''}` : `${line}\n`);
  };
}

function progressLine(progress: Progress): string {
  switch (progress.kind) {
    case 'prepare':
      return `${progress.message} …`;
    case 'check': {
      // Layers are read in turns, so that steps would count several times.
      const { stepsRead, steps } = progress;
      return steps === 0
        ? 'reading the trace …'
        : `reading the trace: ${Math.floor((100 * stepsRead) / steps)} %`;
    }
    case 'explain':
      // Not known before the first step has been read.
      if (progress.steps === 0) return 'reading the trace …';
      return `reading the trace: step ${progress.stepsRead} of ${progress.steps}`;
    case 'layers': {
      const { layer, stepsRead, steps } = progress;
      return `reading layer ${layer}: ${((100 * stepsRead) / steps).toFixed(0)} % of all`;
    }
    case 'seeds': {
      const { done, total, current } = progress;
      return `${done} of ${total} seeds recorded${current ? ` · ${progressLine(current)}` : ''}`;
    }
    case 'verify': {
      const share = progress.bytes > 0 ? (100 * progress.bytesChecked) / progress.bytes : 100;
      return `verifying: ${share.toFixed(0)} %`;
    }
    case 'move':
      return `copying: ${(progress.bytesCopied / 1e6).toFixed(1)} of ${(progress.bytes / 1e6).toFixed(1)} MB`;
    case 'import': {
      const { state, unit, done, total } = progress;
      const amount = (value: number): string =>
        unit === 'bytes' ? `${(value / 1e6).toFixed(1)} MB` : `${value}`;
      const of = total === null ? '' : ` of ${amount(total)}`;
      return `${state}: ${amount(done)}${of}${unit === 'bytes' ? '' : ` ${unit}`}`;
    }
    case 'record': {
      const { state, step, steps, epoch, secondsLeft, bytesWritten, metrics, reason } = progress;
      const last = metrics[metrics.length - 1];
      return [
        `${state}: step ${step} of ${steps}`,
        `epoch ${epoch + 1}`,
        ...(last ? [`loss ${last.loss.toFixed(4)}`] : []),
        ...(secondsLeft === null ? [] : [`${duration(secondsLeft)} left`]),
        `${(bytesWritten / 1e6).toFixed(1)} MB`,
        ...(reason ? [reason] : []),
      ].join(' · ');
    }
  }
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
