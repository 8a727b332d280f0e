/**
 * The text of a scenario: what happens to one instance, line by line, and what is decided of it.
 *
 *     # The first line says why: what holds here, in a sentence.
 *     row: backoff, attempt               rows of the decision table (src/decide.ts) that it shows
 *     story: Set the clock as you like    words of docs/operating.md that it tells
 *
 *     instance web-1                      the id that its jitter depends on; none: the salt is not known
 *     policy always backoff=5s            the policy that it begins under: the mode, then fields as on the wire
 *
 *     0s  person starts   | manual_start
 *     2s  exits with 1    | restart_after_exit: Start, attempt 1 | attempts=1 last_attempt_at=2s
 *     2s  runs            | running                              |                               | wakes 10m2s
 *
 * Before the first bar stands what happens, written by hand: when, by the host's clock since the scenario began, and one
 * of the `vocabulary` below. Behind it stands what follows, written by `REWRITE=1`: the reason and the action, what changed
 * in the status, and when to decide again. A line that begins with `#` is a comment.
 */
import {
  attemptFailed,
  deleteRequested,
  type EndCause,
  endCauses,
  type Health,
  type InstanceObservation,
  manuallyStarted,
  manuallyStopped,
  parseDuration,
  type RestartEvent,
  type RestartPolicy,
  saltOf,
  supervisionPaused,
  supervisionResumed,
  type Timestamp,
} from 'restart-policy';
import { decodeRestartPolicy } from 'restart-policy/codec';

/** When a scenario begins, by the clock of its host: not at 0, so that no zero passes for a moment. */
export const beginning: Timestamp = 1_735_689_600_000;

/** An instance that was created and never ran. */
export const created: InstanceObservation = {
  state: 'stopped',
  startedAt: null,
  stoppedAt: null,
  exitCode: null,
  health: 'unknown',
};

export type Happening =
  /** The instance is, or becomes, what `change` makes of what it was; `isSeen`: and is reconciled. */
  | {
      readonly _tag: 'Fact';
      readonly change: (instance: InstanceObservation, now: Timestamp) => InstanceObservation;
      readonly isSeen: boolean;
    }
  /** The moment has come that the last decision asked to be woken up at. */
  | { readonly _tag: 'WakeUp' }
  /** The clock is set back to the time of the line, and the instance is reconciled. */
  | { readonly _tag: 'ClockSetBack' }
  /** The store holds again what it held at a time, and the instance is reconciled. */
  | { readonly _tag: 'StorePutBack'; readonly to: Timestamp }
  | { readonly _tag: 'Told'; readonly event: RestartEvent }
  /** `attemptUnderWay`: between the stop and the start of a restart. */
  | { readonly _tag: 'NewPolicy'; readonly policy: RestartPolicy; readonly attemptUnderWay: boolean }
  /** A delete has ended: there is no record any more. The hypervisor still knows what ran. */
  | { readonly _tag: 'RecordRemoved' }
  /** Forked, or restored from a snapshot. */
  | { readonly _tag: 'NewLife' };

export interface Step {
  readonly line: number;
  /** As they stand in the text. */
  readonly when: string;
  readonly what: string;
  readonly at: Timestamp;
  readonly happening: Happening;
}

export interface Scenario {
  readonly file: string;
  /** What holds in it, in a sentence. */
  readonly why: string;
  readonly rows: ReadonlyArray<string>;
  readonly stories: ReadonlyArray<string>;
  /** What its id is hashed to; absent: it has none. */
  readonly salt?: number;
  readonly policy: RestartPolicy;
  /** The lines of the text, in order; those in which something happens, as they were understood. */
  readonly lines: ReadonlyArray<string | Step>;
}

/** Reads a scenario. Throws an error that names the file and the line, and what was expected there. */
export const parseScenario = (file: string, text: string): Scenario => {
  const rows: Array<string> = [];
  const stories: Array<string> = [];
  const lines: Array<string | Step> = [];
  let salt: number | undefined;
  let policy: RestartPolicy | null = null;
  let now = Number.NEGATIVE_INFINITY;

  const [first = '', ...others] = text.trimEnd().split('\n');
  const why = /^# (\S.*)$/.exec(first)?.[1];
  if (why === undefined) throw expected(file, 1, '"# " and a sentence that says why', first);
  lines.push(first);

  for (const [index, raw] of others.entries()) {
    const line = index + 2;
    const [input = ''] = raw.split('|');
    const words = input.trim().replace(/\s+/g, ' ');
    const [, key, value = ''] = /^(row|story|instance|policy)\b:? ?(.*)$/.exec(words) ?? [];
    if (words === '' || words.startsWith('#')) lines.push(raw.trimEnd());
    else if (key !== undefined) {
      if (value === '') throw expected(file, line, `something after ${key}`, words);
      if (key === 'row') rows.push(...value.split(/, ?/));
      else if (key === 'story') stories.push(value);
      else if (key === 'instance') salt = saltOf(value);
      else if (policy !== null) throw expected(file, line, 'a time before a policy that comes later', words);
      else policy = readPolicy(file, line, value);
      lines.push(words);
    } else {
      if (policy === null) throw expected(file, line, 'the policy that the scenario begins under', words);
      const step = readStep(file, line, words);
      const isBack = step.happening._tag === 'ClockSetBack';
      if (isBack && step.at >= now) throw expected(file, line, 'a time before that of the line before', words);
      if (!isBack && step.at < now) throw expected(file, line, 'a time not before that of the line before', words);
      now = step.at;
      lines.push(step);
    }
  }
  if (policy === null) throw expected(file, others.length + 2, 'the policy that the scenario begins under', 'the end');
  return { file, why, rows, stories, ...(salt === undefined ? {} : { salt }), policy, lines };
};

const expected = (file: string, line: number, wanted: string, got: string): Error =>
  new Error(`${file}:${line}: expected ${wanted}, got: ${got}`);

// ---------------------------------------------------------------------------
// what can happen
// ---------------------------------------------------------------------------

/** What the words in capitals stand for. */
interface Given {
  readonly time: (text: string) => Timestamp;
  readonly policy: (text: string) => RestartPolicy;
}

interface Phrase {
  /** For whoever writes a scenario. */
  readonly form: string;
  readonly pattern: RegExp;
  /** `groups` are the parts of the pattern; the empty text where one is not there. */
  readonly read: (groups: ReadonlyArray<string>, given: Given) => Happening;
}

const fact = (change: Extract<Happening, { _tag: 'Fact' }>['change']): Happening => ({
  _tag: 'Fact',
  change,
  isSeen: true,
});

const told = (event: RestartEvent): Happening => ({ _tag: 'Told', event });

const begins = (state: 'running' | 'initializing', since: string, given: Given): Happening => {
  const startedAt = since === '' ? null : given.time(since);
  return fact((_, now) => ({ ...created, state, startedAt: startedAt ?? now }));
};

const ends = (exitCode: number | null, cause: string, at: string, given: Given): Happening => {
  const isUnknown = at === 'an unknown time';
  const stoppedAt = at === '' || isUnknown ? null : given.time(at);
  return fact(({ startedAt }, now) => ({
    state: 'stopped',
    startedAt,
    stoppedAt: isUnknown ? null : (stoppedAt ?? now),
    exitCode,
    health: 'unknown',
    ...(cause === '' ? {} : { cause: cause as EndCause }),
  }));
};

const byCause = `(?: by (${endCauses.join('|')}))?`;

const hasHealth = (health: Health): Happening => fact((instance) => ({ ...instance, health }));

const vocabulary: ReadonlyArray<Phrase> = [
  // What the controller is told.
  { form: 'person starts', pattern: /^person starts$/, read: () => told(manuallyStarted) },
  { form: 'person stops', pattern: /^person stops$/, read: () => told(manuallyStopped) },
  { form: 'person pauses', pattern: /^person pauses$/, read: () => told(supervisionPaused) },
  { form: 'person resumes', pattern: /^person resumes$/, read: () => told(supervisionResumed) },
  { form: 'person deletes', pattern: /^person deletes$/, read: () => told(deleteRequested) },
  { form: 'record is removed', pattern: /^record is removed$/, read: () => ({ _tag: 'RecordRemoved' }) },
  {
    form: 'attempt NUMBER fails',
    pattern: /^attempt (\d+) fails$/,
    read: ([number]) => told(attemptFailed(Number(number))),
  },
  {
    form: 'policy becomes MODE FIELD=VALUE... [, during an attempt]',
    pattern: /^policy becomes (.+?)(, during an attempt)?$/,
    read: ([text = '', during], given) => ({
      _tag: 'NewPolicy',
      policy: given.policy(text),
      attemptUnderWay: during !== undefined,
    }),
  },
  { form: 'is forked', pattern: /^is forked$/, read: () => ({ _tag: 'NewLife' }) },
  { form: 'is restored', pattern: /^is restored$/, read: () => ({ _tag: 'NewLife' }) },

  // Facts about the instance.
  {
    form: 'initializes [since TIME]',
    pattern: /^initializes(?: since (\S+))?$/,
    read: ([since = ''], given) => begins('initializing', since, given),
  },
  {
    form: 'runs [since TIME]',
    pattern: /^runs(?: since (\S+))?$/,
    read: ([since = ''], given) => begins('running', since, given),
  },
  {
    form: 'exits with CODE [by CAUSE] [at TIME, or at an unknown time]',
    pattern: new RegExp(`^exits with (-?\\d+)${byCause}(?: at (an unknown time|\\S+))?$`),
    read: ([code, cause = '', at = ''], given) => ends(Number(code), cause, at, given),
  },
  {
    form: 'dies [by CAUSE] [at TIME, or at an unknown time] (nobody knows its exit code)',
    pattern: new RegExp(`^dies${byCause}(?: at (an unknown time|\\S+))?$`),
    read: ([cause = '', at = ''], given) => ends(null, cause, at, given),
  },
  { form: 'is healthy', pattern: /^is healthy$/, read: () => hasHealth('healthy') },
  { form: 'is unhealthy', pattern: /^is unhealthy$/, read: () => hasHealth('unhealthy') },
  {
    form: 'has no verdict (its health is unknown)',
    pattern: /^has no verdict$/,
    read: () => hasHealth('unknown'),
  },
  {
    form: 'is paused (or in any other state that is not acted on)',
    pattern: /^is paused$/,
    read: () => fact((instance) => ({ ...instance, state: 'other' })),
  },

  // What makes the controller reconcile it.
  { form: 'is reconciled', pattern: /^is reconciled$/, read: () => fact((instance) => instance) },
  { form: 'wakes up', pattern: /^wakes up$/, read: () => ({ _tag: 'WakeUp' }) },
  { form: 'clock is set back', pattern: /^clock is set back$/, read: () => ({ _tag: 'ClockSetBack' }) },
  {
    form: 'store is put back to TIME',
    pattern: /^store is put back to (\S+)$/,
    read: ([to = ''], given) => ({ _tag: 'StorePutBack', to: given.time(to) }),
  },
];

const unseen = ', unseen';

const readStep = (file: string, line: number, words: string): Step => {
  const [, when = '', what = ''] = /^(\S+) ?(.*)$/.exec(words) ?? [];
  const given: Given = {
    time: (text) => readTime(file, line, text),
    policy: (text) => readPolicy(file, line, text),
  };
  const at = given.time(when);
  const said = what.endsWith(unseen) ? what.slice(0, -unseen.length) : what;
  for (const { pattern, read } of vocabulary) {
    const groups = pattern.exec(said)?.slice(1);
    if (groups === undefined) continue;
    const happening = read(groups, given);
    if (said === what) return { line, when, what, at, happening };
    if (happening._tag === 'Fact') return { line, when, what, at, happening: { ...happening, isSeen: false } };
    throw expected(file, line, `no "${unseen}" after what is no fact about the instance`, what);
  }
  const forms = vocabulary.map(({ form }) => `\n  ${form}`).join('');
  throw expected(file, line, `one of these (after a fact about the instance "${unseen}" may follow):${forms}\n`, what);
};

const readTime = (file: string, line: number, text: string): Timestamp => {
  const span = parseDuration(text.replace(/^-/, ''));
  if (span._tag === 'Left') throw expected(file, line, 'a time since the beginning, such as 0s or 1m30s', text);
  return text.startsWith('-') ? beginning - span.right : beginning + span.right;
};

/** `MODE FIELD=VALUE...`: a value is JSON without blanks, or else a text. */
const readPolicy = (file: string, line: number, text: string): RestartPolicy => {
  const [policy, ...fields] = text.split(' ');
  const entries = fields.map((field) => {
    const [, key, value] = /^(\w+)=(.+)$/.exec(field) ?? [];
    if (key === undefined || value === undefined) throw expected(file, line, 'FIELD=VALUE', field);
    return [key, jsonOrText(value)] as const;
  });
  const decoded = decodeRestartPolicy({ policy, ...Object.fromEntries(entries) });
  if (decoded._tag === 'Right') return decoded.right;
  throw expected(file, line, `a policy: ${decoded.left.map(({ message }) => message).join('; ')}`, text);
};

const jsonOrText = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
