/**
 * Time spans as systemd writes and reads them: "5min 20s", "1.5h", a bare number of seconds, "infinity".
 */
import type { Millis } from '../duration.js';

/** Microseconds of each unit. Unlike elsewhere `m` is a minute and `M` a month. */
const unitMicros = /* @__PURE__ */ ((): ReadonlyMap<string, bigint> =>
  new Map(
    (
      [
        [1n, 'usec', 'us', 'µs', 'μs'],
        [1_000n, 'msec', 'ms'],
        [1_000_000n, 'seconds', 'second', 'sec', 's'],
        [60_000_000n, 'minutes', 'minute', 'min', 'm'],
        [3_600_000_000n, 'hours', 'hour', 'hr', 'h'],
        [86_400_000_000n, 'days', 'day', 'd'],
        [604_800_000_000n, 'weeks', 'week', 'w'],
        [2_629_800_000_000n, 'months', 'month', 'M'],
        [31_557_600_000_000n, 'years', 'year', 'y'],
      ] as const
    ).flatMap(([micros, ...names]) => names.map((name): readonly [string, bigint] => [name, micros])),
  ))();

/** One number with its unit. Without a unit it ends at white space, so that no text reads in two ways. */
const term = /* @__PURE__ */ ((): RegExp => {
  const units = [...unitMicros.keys()].sort((a, b) => b.length - a.length).join('|');
  return new RegExp(
    String.raw`[ \t\n\r]*\+?(?:(\d+)(?:\.(\d+))?|\.(\d+))(?:[ \t\n\r]*(${units})|(?=[ \t\n\r]|$))[ \t\n\r]*`,
    'y',
  );
})();

/** systemd counts in 64 bits, and takes the last of them for infinity. */
const tooLong = 18_446_744_073_709_551_615n;

/**
 * A span in milliseconds, `Infinity` for "infinity". Less than a microsecond is cut off, as systemd does. null: it is none,
 * or too long for systemd.
 */
export const parseTimeSpan = (text: string): Millis | null => {
  if (text.replace(/^[ \t\n\r]+|[ \t\n\r]+$/g, '') === 'infinity') return Number.POSITIVE_INFINITY;
  let micros = 0n;
  for (let at = 0; at < text.length || at === 0; at = term.lastIndex) {
    term.lastIndex = at;
    const found = term.exec(text);
    if (found === null) return null;
    const [, whole = '0', fraction = found[3] ?? '', , unit = 's'] = found;
    micros += termMicros(whole, fraction, unitMicros.get(unit) ?? 1n);
  }
  return micros < tooLong ? Number(micros) / 1_000 : null;
};

const termMicros = (whole: string, fraction: string, unit: bigint): bigint => {
  const count = BigInt(whole.slice(0, 40));
  // As systemd divides: of a unit's last whole number it takes none.
  if (count >= tooLong / unit) return tooLong;
  let micros = count * unit;
  let digitSize = unit / 10n;
  for (const digit of fraction) {
    if (digitSize === 0n) break;
    micros += BigInt(digit) * digitSize;
    digitSize /= 10n;
  }
  return micros;
};

const printed: ReadonlyArray<readonly [string, number]> = [
  ['d', 86_400_000_000],
  ['h', 3_600_000_000],
  ['min', 60_000_000],
  ['s', 1_000_000],
  ['ms', 1_000],
  ['us', 1],
];

/** The shortest text in whole units that systemd reads as this span, rounded to whole microseconds, and never to none. */
export const printTimeSpan = (ms: Millis): string => {
  let rest = Math.max(Math.round(ms * 1_000), 1);
  const parts: Array<string> = [];
  for (const [unit, micros] of printed) {
    const count = Math.floor(rest / micros);
    rest -= count * micros;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.join(' ');
};
