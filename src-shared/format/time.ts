/** Times as words. */

/** Seconds as 45 s, 3 min 20 s, 1 h 05 min. */
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
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** A range of durations: 52–70 min. */
export function formatDurationRange(low: number, high: number): string {
  const [from, to] = [formatDuration(low), formatDuration(high)];
  if (from === to) return to;
  const unit = (text: string) => /^(\d+) (s|min)$/.exec(text);
  const [a, b] = [unit(from), unit(to)];
  return a && b && a[2] === b[2] ? `${a[1]}–${b[1]} ${b[2]}` : `${from} to ${to}`;
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
