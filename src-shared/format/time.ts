/** Times as words. */

/** Seconds as 45 s, 3 min 20 s, 1 h 05 min, 3 days 4 h. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '–';
  const whole = Math.round(seconds);
  if (whole < 1) return 'under 1 s';
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 10) {
    const rest = whole % 60;
    return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
  }
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(hours / 24)} days ${hours % 24} h`;
}

/** The units of a range, and from how many seconds on its upper end is told in each. */
const rangeUnits = [
  ['days', 86_400, 2 * 86_400],
  ['h', 3600, 2 * 3600],
  ['min', 60, 120],
  ['s', 1, 0],
] as const;

/** A range of durations in one unit: 52–70 min, 0.4–1.3 h. */
export function formatDurationRange(low: number, high: number): string {
  const [unit, seconds] = rangeUnits.find(([, , least]) => high >= least) ?? ['s', 1];
  const [from, to] = [low / seconds, high / seconds].map((value) =>
    value < 10 && unit !== 's' ? value.toFixed(1).replace(/\.0$/, '') : String(Math.round(value)),
  );
  if (to === '0') return formatDuration(high);
  if (from === '0') return `up to ${to} ${unit}`;
  return from === to ? `${to} ${unit}` : `${from}–${to} ${unit}`;
}

/** An ISO time as 2024-11-23 14:05 in the machine's zone. */
export function formatDateTime(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '–';
  const pad = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

/** An ISO time as 14:05:09. */
export function formatClock(iso: string): string {
  const date = new Date(iso);
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}
