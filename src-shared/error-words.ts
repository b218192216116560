import { type ErrorCode, type ErrorReport, errorNumbers } from './errors';

/** What is safe after an error, where one could fear for something: a sentence each. */
export const safeWords: Partial<Readonly<Record<ErrorCode, string>>> = {
  'disk-full': 'What was saved before is safe.',
  'write-failed': 'What was saved before is safe.',
  'trace-damaged': 'Nothing was changed; other runs are not touched.',
  'run-locked': 'The recording that holds it goes on.',
  'training-diverged': 'The steps up to there are saved.',
  'engine-missing': 'Recorded runs are not touched.',
  'data-corrupt': 'Nothing was taken in.',
  'print-failed': 'The run and the report’s words are as they were.',
  internal: 'Recorded steps are safe on disk.',
};

/**
 * An error as it may be passed on: code and part of the program, and its sentence without what could
 * name data or people: what stands in quotation marks, paths, names of files and numbers.
 */
export function errorDetails({ code, message, origin }: ErrorReport): string {
  const plain = message
    .replace(/'[^']*'|“[^”]*”|‘[^’]*’|"[^"]*"/g, '‹name›')
    .replace(/(?:[A-Za-z]:)?(?:[\\/][^\s\\/,;:]+)+[\\/]?/g, '‹path›')
    .replace(/\S+\.[A-Za-z][A-Za-z0-9]{1,11}\b/g, '‹file›')
    .replace(/\d[\d\u00a0.,]*/g, '‹number›');
  return `DS-${errorNumbers[code]} ${code} (${origin})\n${plain}`;
}
