/**
 * supervisord: a program of its configuration.
 */
import { type Millis, maxMillis } from '../duration.js';
import type { RestartPolicyInput, RestartRule } from '../policy.js';
import { describeValue } from '../quote.js';
import { asWritten, counted } from '../words.js';
import { pathOf, refuseMisspelt, type Section, sectionAt } from './section.js';
import { type Notes, type Peer, translatingToPolicy } from './translation.js';

/** What is known of supervisord, and from where. */
export const supervisord: Peer = {
  title: 'supervisord',
  versions: 'A section [program:NAME], of supervisord 4. Before 4.0 exitcodes was 0,2 where nothing is said.',
  sources: [
    {
      says: 'the fields and their defaults',
      url: 'https://supervisord.org/configuration.html#program-x-section-settings',
      read: '2026-11-27',
    },
    {
      says: 'the states, and that each retry waits a second longer',
      url: 'https://supervisord.org/subprocess.html#process-states',
      read: '2026-11-27',
    },
    {
      says: 'what an end within startsecs leads to, and when it gives up',
      url: 'https://github.com/Supervisor/supervisor/blob/4.2.5/supervisor/process.py',
      read: '2026-11-27',
    },
  ],
};

/**
 * A program of supervisord: the fields of its section, as texts or as what a parser made of them. Others than those that say when
 * it is restarted are not looked at. Never throws.
 *
 * @example
 * import { fromSupervisord } from 'restart-policy/translate'
 *
 * const translated = fromSupervisord({ command: '/usr/bin/web', autorestart: 'true', startretries: '5' })
 * if (translated._tag === 'Left') throw new Error(translated.left[0].message)
 * assert.strictEqual(translated.right.policy.maxAttempts, 5)
 *
 * @since 0.2.0
 */
export const fromSupervisord = /* @__PURE__ */ translatingToPolicy('program', (given, notes) => {
  const program = sectionAt(given, '', notes);
  if (program === undefined) return undefined;
  refuseMisspelt(program, ['autostart', 'autorestart', 'exitcodes', 'startsecs', 'startretries'], notes);
  const autostart = textIn(program, 'autostart', notes)?.toLowerCase() ?? 'true';
  const asked = restartIn(program, notes);
  const codes = codesIn(program, notes);
  const startsecs = wholeIn(program, 'startsecs', notes) ?? 1;
  const retries = wholeIn(program, 'startretries', notes) ?? 3;
  if (asked === 'false') {
    if (startsecs > 0 && retries > 0) {
      tellOfStart(
        program,
        'autorestart',
        `There a program that ends within ${startsecs}s, with whatever code, is started up to ${counted(retries, 'time')} more; here it stays down.`,
        notes,
      );
    }
    return { mode: 'never' };
  }
  if (truthy.includes(autostart)) {
    notes.gain(
      pathOf(program, 'autostart'),
      program.fields.get('autostart') ?? null,
      "A person's stop holds: supervisord starts a program that was stopped by hand when it starts again itself; here it stays stopped until a person starts it.",
    );
  }
  const always = asked === 'true';
  if (!always && startsecs > 0) {
    tellOfStart(
      program,
      'exitcodes',
      `There an end within ${startsecs}s is a failed start, whatever its code, and is tried again; here a code of exitcodes keeps it down.`,
      notes,
    );
  }
  return { ...(always ? { mode: 'always' } : unexpected(codes)), ...pauses(program, startsecs, retries, notes) };
});

const tellOfStart = (program: Section, key: string, effect: string, notes: Notes): void => {
  notes.loss(pathOf(program, key), program.fields.get(key) ?? null, effect);
};

// ---------------------------------------------------------------------------
// fields
// ---------------------------------------------------------------------------

const truthy = ['yes', 'true', 'on', '1'];
const falsy = ['no', 'false', 'off', '0'];

const textIn = (program: Section, key: string, notes: Notes): string | undefined => {
  const u = program.fields.get(key);
  if (u === undefined) return undefined;
  if (typeof u !== 'string' && typeof u !== 'number' && typeof u !== 'boolean') {
    return notes.error(pathOf(program, key), `must be a text, not ${describeValue(u)}`);
  }
  const text = String(u).trim();
  return text.includes('%(')
    ? notes.error(pathOf(program, key), `holds a variable, which must be filled in first: ${describeValue(u)}`)
    : text;
};

const restartIn = (program: Section, notes: Notes): 'true' | 'false' | 'unexpected' => {
  const text = textIn(program, 'autorestart', notes)?.toLowerCase() ?? 'unexpected';
  if (truthy.includes(text)) return 'true';
  if (falsy.includes(text)) return 'false';
  if (text !== 'unexpected') {
    notes.error(
      pathOf(program, 'autorestart'),
      `must be one of true, false, unexpected, not ${describeValue(program.fields.get('autorestart'))}`,
    );
  }
  return 'unexpected';
};

const wholeIn = (program: Section, key: string, notes: Notes): number | undefined => {
  const text = textIn(program, key, notes);
  if (text === undefined) return undefined;
  return /^\+?\d{1,15}$/.test(text)
    ? Number(text)
    : notes.error(pathOf(program, key), `must be a whole number from 0, not ${describeValue(program.fields.get(key))}`);
};

const codesIn = (program: Section, notes: Notes): ReadonlyArray<number> => {
  const u = program.fields.get('exitcodes');
  const text = Array.isArray(u) ? u.join(',') : textIn(program, 'exitcodes', notes);
  if (text === undefined) return [0];
  const words = text.split(',').map((word) => word.trim());
  if (words.join('') === '') return [];
  if (words.every((word) => /^\d{1,3}$/.test(word) && Number(word) <= 255)) return [...new Set(words.map(Number))];
  notes.error(
    pathOf(program, 'exitcodes'),
    `must be exit codes from 0 to 255 with commas between them, not ${describeValue(u)}`,
  );
  return [];
};

/** Whatever is not expected: signals, and every code that is not among these. */
const unexpected = (codes: ReadonlyArray<number>): Pick<RestartPolicyInput, 'mode' | 'rules'> => {
  const mode = codes.includes(0) ? 'on_failure' : 'always';
  const others = codes.filter((code) => code !== 0);
  const rules: ReadonlyArray<RestartRule> = [{ causes: ['exit'], exitCodes: others, action: 'stop' }];
  return others.length === 0 ? { mode } : { mode, rules };
};

// ---------------------------------------------------------------------------
// pauses: 1s before the first retry of a start, 2s before the second, and so on
// ---------------------------------------------------------------------------

const second: Millis = 1_000;

const pauses = (
  program: Section,
  startsecs: number,
  retries: number,
  notes: Notes,
): Omit<RestartPolicyInput, 'mode' | 'rules'> => {
  const tell = (key: string, effect: string): void => tellOfStart(program, key, effect, notes);
  if (startsecs === 0) {
    tell(
      'startsecs',
      'There a start never fails, and a program that ended is started again when supervisord looks next, within about a second; here after a second.',
    );
    return { backoff: second, backoffFrom: 'exit' };
  }
  tell(
    'startsecs',
    `There a program that ran for more than ${startsecs}s is started again at once, and that start is not one of the ${retries}; here it is after a second, and is the first of them.`,
  );
  if (retries === 0) tell('startretries', 'There a start that fails is not tried again; here once, the lowest limit.');
  const longest = Math.min(retries * second, maxMillis);
  const factor = evenedFactor(retries);
  if (retries >= 4) {
    tell(
      'startretries',
      `There each pause before a retry is a second longer than the one before, up to ${asWritten(longest)}; here it is ${factor} times as long. All together they take the same.`,
    );
  }
  return {
    backoff: second,
    backoffFrom: 'exit',
    ...(retries > 1 && { maxBackoff: longest, backoffFactor: factor }),
    maxAttempts: Math.max(retries, 1),
    stableAfter: Math.min(startsecs * second, maxMillis),
  };
};

/** With which so many pauses from 1 s on, none longer than their number, take as long as 1 + 2 + 3 + … s. */
const evenedFactor = (retries: number): number => {
  let [low, high] = [1, 2];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (together(middle, retries) < (retries * (retries + 1)) / 2) low = middle;
    else high = middle;
  }
  // Rounded, so that it is the same number on every engine; and above 1, as a factor must be.
  return Math.max(Number(high.toFixed(6)), 1.000_001);
};

const together = (factor: number, retries: number): number => {
  const growing = Math.min(Math.ceil(Math.log(retries) / Math.log(factor)), retries);
  return (factor ** growing - 1) / (factor - 1) + (retries - growing) * retries;
};
