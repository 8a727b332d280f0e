/**
 * What policies answer to each kind of end: by this, and not by how their rules are written, two of them are the same.
 */
import { type EndCause, endCauses } from '../event.js';
import type { RestartPolicy } from '../policy.js';
import { ruleFor } from '../rules.js';
import { counted, listed } from '../words.js';

export type Answer = 'restart' | 'restart_uncounted' | 'stop';

export interface End {
  readonly cause: EndCause;
  readonly exitCode: number | null;
}

export const answerTo = (policy: RestartPolicy, { cause, exitCode }: End): Answer => {
  if (policy.mode === 'never') return 'stop';
  const health = 'unknown' as const;
  const ruled = ruleFor(policy, { state: 'stopped', startedAt: 0, stoppedAt: 0, exitCode, health, cause });
  return ruled ?? (policy.mode === 'on_failure' && exitCode === 0 ? 'stop' : 'restart');
};

const bytes = /* @__PURE__ */ Array.from({ length: 256 }, (_, code) => code);

/** An exit with each code, and each other cause; codes of more than a byte where a rule names them. */
export const endsFor = ({ rules = [] }: RestartPolicy): ReadonlyArray<End> => {
  const named = rules.flatMap(({ exitCodes = [] }) => exitCodes.flat() as ReadonlyArray<number>);
  const codes = [...new Set([...bytes, ...named.filter((code) => code < 0 || code > 255)])];
  return [
    ...codes.map((exitCode): End => ({ cause: 'exit', exitCode })),
    ...endCauses.filter((cause) => cause !== 'exit').map((cause): End => ({ cause, exitCode: null })),
  ];
};

/** Where two policies answer differently: a sentence for each way in which they do. Empty: nowhere. */
export const differentAnswers = (here: RestartPolicy, there: RestartPolicy): ReadonlyArray<string> => {
  const groups = new Map<string, Array<End>>();
  for (const end of endsFor(here)) {
    const [ours, theirs] = [answerTo(here, end), answerTo(there, end)];
    if (ours === theirs) continue;
    const way = `is ${words[theirs]} there and ${words[ours]} here`;
    groups.set(way, [...(groups.get(way) ?? []), end]);
  }
  return [...groups].map(([way, ends]) => `A run that ends by ${namesOf(ends)} ${way}.`);
};

const words: Readonly<Record<Answer, string>> = {
  restart: 'followed by an attempt',
  restart_uncounted: 'followed by one that is not counted',
  stop: 'the last one',
};

const mostNames = 6;

const namesOf = (ends: ReadonlyArray<End>): string => {
  const codes = ends.flatMap(({ cause, exitCode }) => (cause === 'exit' && exitCode !== null ? [exitCode] : []));
  const ranges = rangesOf(codes.sort((a, b) => a - b)).map(([low, high]) =>
    low === high ? `${low}` : `${low} to ${high}`,
  );
  const causes = ends.flatMap(({ cause }) => (cause === 'exit' ? [] : [causeNames[cause]]));
  const shown = ranges.slice(0, mostNames);
  const more = ranges.length - shown.length;
  return listed(
    [
      ...(shown.length > 0
        ? [`exit code ${[...shown, ...(more > 0 ? [`${counted(more, 'other')}`] : [])].join(', ')}`]
        : []),
      ...causes,
    ],
    'or',
  );
};

const causeNames: Readonly<Record<Exclude<EndCause, 'exit'>, string>> = {
  signal: 'a signal',
  out_of_memory: 'lack of memory',
  panic: 'a panic',
  host: 'its host',
  unknown: 'an unknown cause',
};

const rangesOf = (codes: ReadonlyArray<number>): ReadonlyArray<readonly [number, number]> => {
  const ranges: Array<[number, number]> = [];
  for (const code of codes) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === code - 1) last[1] = code;
    else ranges.push([code, code]);
  }
  return ranges;
};
