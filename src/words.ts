/**
 * How numbers and lists are said to people.
 */
import { formatDuration, type Millis } from './duration.js';

/** In the units that people write: "1 min 30 s", "250 ms", "3 days". Exact, so that two spans never read the same. */
export const inWords = (span: Millis): string =>
  [...formatDuration(span).matchAll(/([\d.]+)([a-zµ]+)/g)]
    .flatMap(([, amount = '', unit = '']) => (unit === 'h' ? daysAndHours(Number(amount)) : [{ amount, unit }]))
    .filter(({ amount }) => Number(amount) > 0)
    .map(({ amount, unit }) => `${amount} ${unit === 'm' ? 'min' : unit}`)
    .join(' ');

interface Part {
  readonly amount: string;
  readonly unit: string;
}

/** Below two days people count in hours. */
const daysAndHours = (hours: number): ReadonlyArray<Part> =>
  hours < 48
    ? [{ amount: `${hours}`, unit: 'h' }]
    : [
        { amount: `${Math.floor(hours / 24)}`, unit: 'days' },
        { amount: `${hours % 24}`, unit: 'h' },
      ];

/** As it is written in a policy, and no longer than it must be: "10m", where the canonical form is "10m0s". */
export const asWritten = (span: Millis): string => formatDuration(span).replace(/m0s$/, 'm').replace(/h0m$/, 'h');

/** "1 attempt", "2 attempts". */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** "a", "a or b", "a, b or c". */
export const listed = (items: ReadonlyArray<string>, conjunction: 'and' | 'or'): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} ${conjunction} ${items.at(-1)}`;
