/** Spans, times and commands for people. Pure. */
import type { Millis, Timestamp } from 'restart-policy';

export const span = (ms: Millis): string => {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = Math.floor(ms / 1_000);
  const parts: ReadonlyArray<readonly [number, string]> = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  // The two greatest say enough.
  return parts
    .filter(([amount]) => amount > 0)
    .slice(0, 2)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
};

/** Rounded up: it does not say 0 s before it is so. */
export const countdown = (ms: Millis): string => (ms <= 0 ? 'now' : span(Math.ceil(ms / 1_000) * 1_000));

const twoDigits = (amount: number): string => String(amount).padStart(2, '0');

/** With its date and its zone, in the zone of whoever reads it: "2026-11-27 18:09:21 GMT+1". */
export const timeText = (at: Timestamp): string => {
  const date = new Date(at);
  const day = [date.getFullYear(), twoDigits(date.getMonth() + 1), twoDigits(date.getDate())].join('-');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
  return `${day} ${time} ${zoneOf(date)}`;
};

const zoneOf = (date: Date): string =>
  new Intl.DateTimeFormat('en', { timeZoneName: 'short' })
    .formatToParts(date)
    .find(({ type }) => type === 'timeZoneName')?.value ?? '';

/** What the library says of times is in UTC; beside others it reads as they do. */
export const withTimes = (text: string): string =>
  text.replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (time) => timeText(Date.parse(time)));

export const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;

export const counted = (count: number, one: string, several = `${one}s`): string =>
  `${count} ${count === 1 ? one : several}`;

/** As a person would have typed it: the script where a shell runs one. */
export const commandText = (command: ReadonlyArray<string>): string =>
  command.length === 3 && command[0] === '/bin/sh' && command[1] === '-c' ? (command[2] ?? '') : command.join(' ');
