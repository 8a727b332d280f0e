/**
 * How policies, spans and tables are written in the pages.
 */
import type { RestartPolicyWire } from 'restart-policy/codec';
import type { Wait } from '../../test/translate/published.js';

/** A bar within a cell would end it. */
export const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [head, head.map(() => '---'), ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`)
    .join('\n');

export const code = (text: string): string => `\`${text}\``;

/** As a person would write it in YAML: what is the default is left out, and a span is no longer than it must be. */
export const policyText = (policy: RestartPolicyWire): string => {
  const fields = Object.entries(policy).filter(
    ([key, value]) => policy.policy !== 'never' || key === 'policy' || value === undefined,
  );
  return code(`{ ${fields.map(([key, value]) => `${key}: ${valueText(value)}`).join(', ')} }`);
};

const valueText = (value: unknown): string => {
  if (typeof value === 'string') return /^\d/.test(value) ? shortSpan(value) : value;
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${key}: ${valueText(inner)}`)
    .join(', ')} }`;
};

const shortSpan = (text: string): string => text.replace(/m0s$/, 'm').replace(/h0m$/, 'h');

const spanText = (ms: number): string => {
  if (ms < 1_000) return ms === 0 ? 'none' : `${Math.round(ms)}ms`;
  const seconds = Math.round(ms / 100) / 10;
  if (seconds < 60) return `${seconds}s`;
  if (seconds >= 7_200 && seconds % 3_600 === 0) return `${seconds / 3_600}h`;
  const rest = Math.round(seconds % 60);
  return `${Math.floor(seconds / 60)}m${rest === 0 ? '' : ` ${rest}s`}`;
};

const waitText = (wait: Wait): string => {
  if (wait === null) return 'stays down';
  if (typeof wait === 'number') return spanText(wait);
  const [least, most] = wait;
  if (most === null) return `${spanText(least)} or more`;
  const [from, to] = [spanText(least), spanText(most)];
  return from === to ? from : `${from} to ${to}`;
};

/** Waits one after another; what is repeated is said once. */
export const waitsText = (waits: ReadonlyArray<Wait>): string => {
  const runs: Array<{ readonly text: string; readonly times: number }> = [];
  for (const wait of waits) {
    const text = waitText(wait);
    const last = runs.at(-1);
    if (last?.text === text) runs[runs.length - 1] = { text, times: last.times + 1 };
    else runs.push({ text, times: 1 });
  }
  return runs.map(({ text, times }) => (times === 1 ? text : `${text} (${times} times)`)).join(', ');
};

/** Runs one after another, in the same way. */
export const runsText = (
  runs: ReadonlyArray<{ readonly runsFor: number | null; readonly exitCode?: unknown }>,
): string => {
  const parts: Array<{ readonly text: string; readonly times: number }> = [];
  for (const { runsFor, exitCode } of runs) {
    const ends = exitCode === null ? 'no exit code' : `exit ${exitCode ?? 1}`;
    const text = `${runsFor === 0 ? 'at once' : `after ${spanText(runsFor ?? 0)}`}, ${ends}`;
    const last = parts.at(-1);
    if (last?.text === text) parts[parts.length - 1] = { text, times: last.times + 1 };
    else parts.push({ text, times: 1 });
  }
  return parts.map(({ text, times }) => (times === 1 ? text : `${text} (${times} times)`)).join('; ');
};

const mostColumns = 100;

/** A value as a person writes it in a program: on one line where it fits. */
export const inTypeScript = (value: unknown, indent = ''): string => {
  if (typeof value === 'string')
    return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
  if (typeof value !== 'object' || value === null) return String(value);
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((item: unknown) => inTypeScript(item, inner))
    : Object.entries(value).map(
        ([key, item]) => `${/^\w+$/.test(key) ? key : `'${key}'`}: ${inTypeScript(item, inner)}`,
      );
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{ ', ' }'];
  const line = `${open}${parts.join(', ')}${close}`;
  if (indent.length + line.length <= mostColumns && !line.includes('\n'))
    return parts.length === 0 ? line.replace(/ +/, '') : line;
  return `${open.trim()}\n${parts.map((part) => `${inner}${part},\n`).join('')}${indent}${close.trim()}`;
};
