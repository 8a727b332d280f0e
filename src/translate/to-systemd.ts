/**
 * A policy in systemd's words.
 */
import type { Millis } from '../duration.js';
import type { RestartPolicy } from '../policy.js';
import { grown } from '../waits.js';
import { answerTo } from './answers.js';
import { type TranslationBack, translatingBack } from './back.js';
import { fromSystemd, type SystemdOptions } from './systemd.js';
import { type RestartWord, restartWords } from './systemd-ends.js';
import { newestVersion } from './systemd-keys.js';
import { printTimeSpan } from './systemd-time-span.js';
import type { Translated } from './translation.js';
import { noWait, tenYears } from './waits.js';

/**
 * Two sections of a unit: what of them says when the service is restarted, as texts of its file.
 *
 * @since 0.2.0
 */
export interface SystemdUnit {
  readonly Unit: Readonly<Record<string, string>>;
  readonly Service: Readonly<Record<string, string>>;
}

/**
 * A policy as keys for a service unit of systemd, to stand in a drop-in beside what starts the service. Left: it is no policy,
 * or the version is none. Never throws.
 *
 * @example
 * import { toSystemd } from 'restart-policy/translate'
 *
 * const policy = { mode: 'always', backoff: 5_000, backoffFrom: 'exit', maxAttempts: 0, stableAfter: 600_000 } as const
 * const translated = toSystemd(policy)
 * if (translated._tag === 'Left') throw new Error(translated.left[0].message)
 * assert.deepStrictEqual(translated.right, {
 *   result: {
 *     Unit: { StartLimitIntervalSec: '0' },
 *     Service: { Restart: 'always', RestartSec: '5s', TimeoutStartSec: 'infinity' },
 *   },
 *   losses: [],
 * })
 *
 * @since 0.2.0
 */
export const toSystemd = (
  policy: RestartPolicy,
  options: SystemdOptions = {},
): Translated<TranslationBack<SystemdUnit>> => {
  const { version = newestVersion } = options;
  const asked = fromSystemd({ Service: {} }, options);
  // Whatever is wrong with the options is wrong with them there, too.
  if (asked._tag === 'Left') return asked;
  return translatingBack<SystemdUnit>(
    (given) => ways(given, version),
    (unit) => fromSystemd(unit, options),
  )(policy);
};

const ways = (policy: RestartPolicy, version: number): ReadonlyArray<SystemdUnit> => {
  if (policy.mode === 'never') return [{ Unit: {}, Service: { Restart: 'no' } }];
  const [Unit, waits] = [limitOf(policy), waitsOf(policy, version)];
  const TimeoutStartSec = policy.startTimeout === undefined ? 'infinity' : printTimeSpan(policy.startTimeout);
  return restartWords
    .map((word) => ({ word, ...listsFor(policy, word) }))
    .sort((a, b) => a.codes - b.codes || restartWords.indexOf(b.word) - restartWords.indexOf(a.word))
    .map(({ word, lists }) => ({ Unit, Service: { Restart: word, ...waits, ...lists, TimeoutStartSec } }));
};

/** systemd counts in 32 bits. */
const most = 2 ** 32 - 1;

/** Which exit codes must be listed for a word to answer as the policy does. */
const listsFor = (
  policy: RestartPolicy,
  word: RestartWord,
): { readonly codes: number; readonly lists: Readonly<Record<string, string>> } => {
  const prevent: Array<number> = [];
  const force: Array<number> = [];
  for (let code = 0; code <= 255; code++) {
    const here = answerTo(policy, { cause: 'exit', exitCode: code }) !== 'stop';
    if (here !== restartsAfter(word, code)) (here ? force : prevent).push(code);
  }
  return {
    codes: prevent.length + force.length,
    lists: {
      ...(prevent.length > 0 && { RestartPreventExitStatus: prevent.join(' ') }),
      ...(force.length > 0 && { RestartForceExitStatus: force.join(' ') }),
    },
  };
};

const restartsAfter = (word: RestartWord, code: number): boolean =>
  word === 'always' || (word === 'on-failure' && code !== 0) || (word === 'on-success' && code === 0);

const waitsOf = (
  { backoff, backoffFrom, maxBackoff, backoffFactor = 2, jitter }: RestartPolicy,
  version: number,
): Readonly<Record<string, string>> => {
  if (backoff === noWait.backoff && backoffFrom !== 'exit' && maxBackoff === undefined) return { RestartSec: '0' };
  const grows = maxBackoff !== undefined && maxBackoff > backoff && version >= 254;
  const steps = grows ? Math.round(Math.log(maxBackoff / backoff) / Math.log(backoffFactor)) : 0;
  const longest = grows ? maxBackoff : backoff;
  return {
    RestartSec: printTimeSpan(backoff),
    ...(grows && {
      RestartSteps: `${Math.min(Math.max(steps, 1), most)}`,
      RestartMaxDelaySec: printTimeSpan(maxBackoff),
    }),
    ...(jitter !== undefined && version >= 262 && { RestartRandomizedDelaySec: printTimeSpan(jitter * longest) }),
  };
};

const limitOf = (policy: RestartPolicy): Readonly<Record<string, string>> => {
  const { maxAttempts, limitInterval, stableAfter } = policy;
  if (maxAttempts === 0) return { StartLimitIntervalSec: '0' };
  const StartLimitBurst = `${Math.min(maxAttempts, most)}`;
  if (limitInterval !== undefined) return { StartLimitIntervalSec: printTimeSpan(limitInterval), StartLimitBurst };
  // A failure window has no length of its own: as long as the attempts take together and the run that would have ended it.
  const StartLimitIntervalSec =
    stableAfter >= tenYears ? 'infinity' : printTimeSpan(Math.min(waitsTogether(policy) + stableAfter, tenYears));
  return { StartLimitIntervalSec, StartLimitBurst };
};

const waitsTogether = (policy: RestartPolicy): Millis => {
  let sum = 0;
  const growing = Math.min(policy.maxAttempts, 1_000);
  for (let steps = 0; steps < growing; steps++) sum += grown(policy, steps);
  return sum + (policy.maxAttempts - growing) * grown(policy, growing);
};
