/**
 * Spans and shares as people read them, and where the marks of a time axis stand.
 */
import type { Millis } from './duration.js';

const units: ReadonlyArray<readonly [name: string, length: Millis]> = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];

/** In the two largest units that it has: "2d 4h", "1m 30s", "250ms". Rounded to the smaller one. */
export const spanText = (ms: Millis): string => {
  const largest = units.findIndex(([, length]) => ms >= length);
  const [name, length] = units[largest] ?? ['', 1];
  // Seconds have no second unit but their tenths.
  const [smallName, small] = name === 's' ? ['', 100] : (units[largest + 1] ?? ['', 1]);
  const rounded = Math.round(ms / small) * small;
  if (rounded < 1) return '0';
  // What is rounded up to the next unit is said in that.
  if (rounded >= (units[largest - 1]?.[1] ?? Number.POSITIVE_INFINITY)) return spanText(rounded);
  if (smallName === '') return `${rounded / length}${name}`;
  const whole = Math.floor(rounded / length);
  const rest = Math.round((rounded - whole * length) / small);
  return rest === 0 ? `${whole}${name}` : `${whole}${name} ${rest}${smallName}`;
};

/** A share as a percentage that does not say all or nothing where it is not so. */
export const shareText = (share: number): string => {
  const percent = Math.round(share * 1_000) / 10;
  if (percent >= 100 && share < 1) return '> 99.9 %';
  if (percent <= 0 && share > 0) return '< 0.1 %';
  return `${percent} %`;
};

const steps: ReadonlyArray<Millis> = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * 1_000),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60_000),
  ...[1, 2, 3, 6, 12].map((hours) => hours * 3_600_000),
  ...[1, 2, 5, 10, 20, 30, 60, 90, 180, 365, 730, 1_825, 3_650, 18_250].map((days) => days * 86_400_000),
];

/** Marks from 0 on, at round spans of which there are no more than so many, up to a span. */
export const ticksOf = (span: Millis, most: number): ReadonlyArray<Millis> => {
  const step = steps.find((length) => span / length <= most) ?? span;
  return Array.from({ length: Math.floor(span / step) + 1 }, (_, index) => index * step);
};
