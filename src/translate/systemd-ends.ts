/**
 * After which ends systemd restarts a service: its lists first, those that prevent it before those that force it, then
 * `Restart=`.
 */
import type { RestartMode, RestartRule } from '../policy.js';
import { listed } from '../words.js';
import { pathOf, type Section } from './section.js';
import { type ExitStatuses, readStatuses, toExitCodes } from './systemd-exit-status.js';
import { textsIn, unitWordIn } from './systemd-values.js';
import type { Notes } from './translation.js';

export const restartWords = [
  'no',
  'on-success',
  'on-failure',
  'on-abnormal',
  'on-watchdog',
  'on-abort',
  'always',
] as const;

export type RestartWord = (typeof restartWords)[number];

export interface Ends {
  readonly word: RestartWord;
  readonly mode: RestartMode;
  readonly rules: { readonly rules?: ReadonlyArray<RestartRule> };
  /** Whether a start or a run that systemd gave up as too slow is followed by another. */
  readonly afterTimeout: boolean;
  /** Whether one whose watchdog heard nothing is. */
  readonly afterWatchdog: boolean;
}

interface Kind {
  readonly isOneshot: boolean;
  /** After a clean exit the service stays active, so that it is never restarted for one. */
  readonly remains: boolean;
  readonly version: number;
}

export const endsOf = (service: Section, kind: Kind, notes: Notes): Ends => {
  const word = unitWordIn(service, 'Restart', restartWords, notes) ?? 'no';
  const prevent = statusesIn(service, 'RestartPreventExitStatus', notes);
  const force = statusesIn(service, 'RestartForceExitStatus', notes);
  const success = statusesIn(service, 'SuccessExitStatus', notes);
  refuseOneshot(service, word, force, kind, notes);

  const answers = codes.map((code) => ({
    code,
    restarts: restartsAfter(code, word, { prevent, force, success }, kind),
  }));
  const mode = modeOf(
    word,
    kind,
    answers.some(({ restarts }) => restarts),
  );
  const [first, ...rest] = mode === 'never' ? [] : rulesOf(mode, word, answers);
  if (mode === 'never') noteForcedSignals(service, force, notes);
  else noteSignals(service, word, { prevent, force, success }, kind, notes);
  return {
    word,
    mode,
    rules: first === undefined ? {} : { rules: [first, ...rest] },
    afterTimeout: ['on-failure', 'on-abnormal', 'always'].includes(word),
    afterWatchdog: ['on-failure', 'on-abnormal', 'on-watchdog', 'always'].includes(word),
  };
};

const statusesIn = (service: Section, key: string, notes: Notes): ExitStatuses =>
  readStatuses(textsIn(service, key, notes), (_, message) => {
    notes.error(pathOf(service, key), message);
  });

const codes = /* @__PURE__ */ Array.from({ length: 256 }, (_, code) => code);

interface Answer {
  readonly code: number;
  readonly restarts: boolean;
}

/** What systemd does after an exit. */
const restartsAfter = (
  code: number,
  word: RestartWord,
  { prevent, force, success }: Lists,
  { remains }: Kind,
): boolean => {
  if (prevent.codes.includes(code)) return false;
  if (force.codes.includes(code)) return true;
  const isClean = code === 0 || success.codes.includes(code);
  if (isClean && remains) return false;
  return word === 'always' || (word === 'on-success' && isClean) || (word === 'on-failure' && !isClean);
};

const modeOf = (word: RestartWord, { remains }: Kind, afterSomeExit: boolean): RestartMode => {
  if (word === 'always') return remains ? 'on_failure' : 'always';
  if (word === 'no' || word === 'on-success') return afterSomeExit ? 'always' : 'never';
  return 'on_failure';
};

/** What is answered to the other ends: rules that follow those for exit codes. */
const othersOf = (word: RestartWord): ReadonlyArray<RestartRule> => {
  switch (word) {
    case 'always':
    case 'on-failure':
      return [];
    case 'on-abnormal':
      return [{ causes: ['exit'], action: 'stop' }];
    case 'on-abort':
      return [{ causes: ['signal'], action: 'restart' }, { action: 'stop' }];
    case 'no':
    case 'on-success':
    case 'on-watchdog':
      return [{ action: 'stop' }];
  }
};

/** Those for exit codes say only what the mode and the others do not. */
const rulesOf = (mode: RestartMode, word: RestartWord, answers: ReadonlyArray<Answer>): ReadonlyArray<RestartRule> => {
  const others = othersOf(word);
  const byItself = ({ code }: Answer): boolean => others.length === 0 && (mode === 'always' || code !== 0);
  const differently = answers.filter((answer) => answer.restarts !== byItself(answer));
  return [
    ...ruleOf(
      differently.filter(({ restarts }) => !restarts),
      'stop',
    ),
    ...ruleOf(
      differently.filter(({ restarts }) => restarts),
      'restart',
    ),
    ...others,
  ];
};

const ruleOf = (answers: ReadonlyArray<Answer>, action: 'restart' | 'stop'): ReadonlyArray<RestartRule> =>
  answers.length === 0 ? [] : [{ causes: ['exit'], exitCodes: toExitCodes(answers.map(({ code }) => code)), action }];

/** systemd does not load such a unit at all. */
const refuseOneshot = (
  service: Section,
  word: RestartWord,
  force: ExitStatuses,
  { isOneshot, version }: Kind,
  notes: Notes,
): void => {
  if (!isOneshot) return;
  const only = version < 244 ? ['no'] : restartWords.filter((known) => known !== 'always' && known !== 'on-success');
  if (!only.includes(word)) {
    notes.error(pathOf(service, 'Restart'), `must be one of ${only.join(', ')} with Type=oneshot, not ${word}`);
  }
  if (version < 256 && force.codes.length + force.signals.length > 0) {
    notes.error(pathOf(service, 'RestartForceExitStatus'), 'must not be set with Type=oneshot before systemd 256');
  }
};

// ---------------------------------------------------------------------------
// signals, of which there is one kind here
// ---------------------------------------------------------------------------

interface Lists {
  readonly prevent: ExitStatuses;
  readonly force: ExitStatuses;
  readonly success: ExitStatuses;
}

const noteSignals = (
  service: Section,
  word: RestartWord,
  { prevent, force, success }: Lists,
  { isOneshot, remains }: Kind,
  notes: Notes,
): void => {
  const tell = (key: string, { signals }: ExitStatuses, effect: string): void => {
    if (signals.length > 0)
      notes.loss(pathOf(service, key), service.fields.get(key), `An end by ${listed(signals, 'or')} ${effect}`);
  };
  const restartsAfterSignals = ['on-failure', 'on-abnormal', 'on-abort', 'always'].includes(word);
  const cleanIsNoEnd = word !== 'always' || remains;
  if (restartsAfterSignals && cleanIsNoEnd && !isOneshot) {
    notes.loss(
      pathOf(service, 'Restart'),
      word,
      'An end by SIGHUP, SIGINT, SIGTERM or SIGPIPE is clean there, and nothing is started after it; here it is one as by any other signal, and is followed by a restart.',
    );
  }
  if (word === 'on-success' && !remains) {
    notes.loss(
      pathOf(service, 'Restart'),
      word,
      'An end by SIGHUP, SIGINT, SIGTERM or SIGPIPE is clean there, and is followed by a restart; here nothing is started after any signal.',
    );
  }
  if (restartsAfterSignals) {
    tell(
      'RestartPreventExitStatus',
      prevent,
      'keeps it down there; here signals are not told apart, and a restart follows.',
    );
  } else noteForcedSignals(service, force, notes);
  if (restartsAfterSignals && cleanIsNoEnd) {
    tell(
      'SuccessExitStatus',
      success,
      'is clean there, and keeps it down; here signals are not told apart, and a restart follows.',
    );
  } else if (word === 'on-success' && !remains) {
    tell(
      'SuccessExitStatus',
      success,
      'is clean there, and is followed by a restart; here nothing is started after any signal.',
    );
  }
};

const noteForcedSignals = (service: Section, { signals }: ExitStatuses, notes: Notes): void => {
  if (signals.length === 0) return;
  const key = 'RestartForceExitStatus';
  notes.loss(
    pathOf(service, key),
    service.fields.get(key),
    `An end by ${listed(signals, 'or')} is followed by a restart there; here signals are not told apart, and nothing is started.`,
  );
};
