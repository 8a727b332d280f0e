/**
 * s6: a service directory.
 */

import type { EndCause } from '../event.js';
import type { RestartPolicyInput, RestartRule } from '../policy.js';
import { describeValue, quoteShort } from '../quote.js';
import { asWritten, listed } from '../words.js';
import { pathOf, refuseMisspelt, type Section, sectionAt } from './section.js';
import { type Notes, type Peer, translatingToPolicy } from './translation.js';

/** What is known of s6, and from where. */
export const s6: Peer = {
  title: 's6',
  versions: 'Service directories as s6-supervise 2.11 reads them; s6-permafailon and max-death-tally since 2.7.',
  sources: [
    {
      says: 'when a service is started again, the second between two starts, and 125',
      url: 'https://skarnet.org/software/s6/s6-supervise.html',
      read: '2026-11-27',
    },
    { says: 'the files', url: 'https://skarnet.org/software/s6/servicedir.html', read: '2026-11-27' },
    {
      says: 'the limit of deaths',
      url: 'https://skarnet.org/software/s6/s6-permafailon.html',
      read: '2026-11-27',
    },
  ],
};

const defaultTally = 100;

/**
 * A service directory of s6: its files by their names, each with its text. What is read is `finish`, for its calls of
 * `s6-permafailon` with numbers and events as they are (nothing that a shell has to fill in), `max-death-tally` and
 * `notification-fd`. Never throws.
 *
 * @example
 * import { fromS6 } from 'restart-policy/translate'
 *
 * const translated = fromS6({ run: '#!/bin/sh\nexec web', finish: '#!/bin/execlineb\ns6-permafailon 60 5 1-255 true' })
 * if (translated._tag === 'Left') throw new Error(translated.left[0].message)
 * assert.deepStrictEqual([translated.right.policy.maxAttempts, translated.right.policy.limitInterval], [4, 60_000])
 *
 * @since 0.2.0
 */
export const fromS6 = /* @__PURE__ */ translatingToPolicy('directory', (given, notes) => {
  const directory = sectionAt(given, '', notes);
  if (directory === undefined) return undefined;
  refuseMisspelt(directory, ['finish', 'max-death-tally', 'notification-fd'], notes, ['timeout-finish']);
  const tally = tallyIn(directory, notes);
  const finish = fileIn(directory, 'finish', notes) ?? '';
  const limits = permafails(directory, finish, notes).filter(({ deaths }) => {
    if (deaths <= tally) return true;
    notes.loss(
      pathOf(directory, directory.fields.has('max-death-tally') ? 'max-death-tally' : 'finish'),
      tally,
      `The limit of ${deaths} deaths is never reached there, and left out here: s6 remembers ${tally}.`,
    );
    return false;
  });
  tellOfScript(directory, codeOf(finish), notes);
  if (directory.fields.has('notification-fd')) {
    notes.loss(
      pathOf(directory, 'notification-fd'),
      directory.fields.get('notification-fd'),
      'There a service that was ready for more than a second is started again at once; here after a second, as one that was not.',
    );
  }
  if (!directory.fields.has('down')) {
    notes.gain(
      pathOf(directory, 'down'),
      null,
      "A person's stop holds: s6 starts a service that was stopped by hand when the machine starts again; here it stays stopped until a person starts it.",
    );
  }
  return { mode: 'always', backoff: 1_000, backoffFrom: 'exit', ...limitOf(directory, limits, notes) };
});

// ---------------------------------------------------------------------------
// files
// ---------------------------------------------------------------------------

const fileIn = (directory: Section, name: string, notes: Notes): string | undefined => {
  const u = directory.fields.get(name);
  if (u === undefined || typeof u === 'string') return u;
  if (typeof u === 'number') return String(u);
  return notes.error(pathOf(directory, name), `must be the text of the file, not ${describeValue(u)}`);
};

const tallyIn = (directory: Section, notes: Notes): number => {
  const text = fileIn(directory, 'max-death-tally', notes)?.trim();
  if (text === undefined) return defaultTally;
  if (/^\d{1,4}$/.test(text) && Number(text) <= 4_096) return Number(text);
  notes.error(
    pathOf(directory, 'max-death-tally'),
    `must be a whole number from 0 to 4096, not ${describeValue(text)}`,
  );
  return defaultTally;
};

const codeOf = (script: string): string => script.replace(/^[ \t]*#.*$/gm, '').replace(/\\\n/g, ' ');

// ---------------------------------------------------------------------------
// what a script may do for reasons of its own
// ---------------------------------------------------------------------------

const ownReasons: ReadonlyArray<{ readonly does: RegExp; readonly effect: string }> = [
  {
    // 125, and commands that let a service not come again. -w is only how a command is waited for.
    does: /\bexit\s+125\b|\bs6-svc\s(?:[^\n;|&]*\s)?-(?!w)\w*[dDoOQx]\w*/,
    effect:
      'There the script may keep the service down for reasons of its own; here rules by exit code or cause do that, and must be written by hand.',
  },
  {
    // So the services of s6-overlay end the container that they are in.
    does: /\bs6-svscanctl\s+-\w*[tqibs0678]\w*|\bbasedir\/bin\/(?:halt|poweroff|reboot)\b/,
    effect:
      'There the script may end s6 and all that it runs, a container for one; here the instance is restarted, but for what rules by exit code or cause stop, which must be written by hand.',
  },
];

const tellOfScript = (directory: Section, code: string, notes: Notes): void => {
  for (const { does, effect } of ownReasons) {
    const [said] = does.exec(code) ?? [];
    if (said !== undefined) notes.loss(pathOf(directory, 'finish'), said, effect);
  }
};

// ---------------------------------------------------------------------------
// s6-permafailon
// ---------------------------------------------------------------------------

/** `s6-permafailon seconds deaths events`: so many deaths of these kinds in so many seconds are the last. */
interface Permafail {
  readonly seconds: number;
  readonly deaths: number;
  readonly codes: ReadonlyArray<number | readonly [number, number]>;
  readonly signals: ReadonlyArray<string>;
  readonly text: string;
}

const permafails = (directory: Section, finish: string, notes: Notes): ReadonlyArray<Permafail> => {
  const found: Array<Permafail> = [];
  const words = codeOf(finish)
    .split(/\s+/)
    .map((word) => word.replace(/^(["'])(.*)\1$/, '$2'));
  for (const [at, word] of words.entries()) {
    if (!/^(?:\S*\/)?s6-permafailon$/.test(word)) continue;
    const [seconds = '', deaths = '', events = ''] = words.slice(at + 1, at + 4);
    const text = ['s6-permafailon', seconds, deaths, events].join(' ');
    const kinds = events.split(',').map(eventOf);
    const wrong =
      !/^\d{1,9}$/.test(seconds) || !/^\d{1,4}$/.test(deaths) || Number(deaths) === 0 || kinds.includes(null);
    if (wrong) {
      notes.error(
        pathOf(directory, 'finish'),
        `must call s6-permafailon with a number of seconds, a number of deaths and events such as 1,101-103,SIGSEGV, not ${quoteShort(text)}`,
      );
      continue;
    }
    found.push({
      seconds: Number(seconds),
      deaths: Number(deaths),
      codes: kinds.filter((kind) => typeof kind !== 'string' && kind !== null),
      signals: kinds.filter((kind) => typeof kind === 'string'),
      text,
    });
  }
  return found;
};

/** An exit code, a range of them, or a signal. null: none of these. */
const eventOf = (word: string): number | readonly [number, number] | string | null => {
  const [, low = '', high = low] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(word) ?? [];
  if (low !== '') {
    const [from, to] = [Number(low), Number(high)];
    if (from > to || to > 255) return null;
    return from === to ? from : [from, to];
  }
  return /^sig[a-z0-9+-]{1,10}$/i.test(word) ? word.toUpperCase() : null;
};

const limitOf = (
  directory: Section,
  permafails: ReadonlyArray<Permafail>,
  notes: Notes,
): Pick<RestartPolicyInput, 'rules' | 'maxAttempts' | 'limitInterval' | 'stableAfter'> => {
  const atOnce = permafails.filter(({ deaths }) => deaths === 1);
  const [limit, ...others] = permafails.filter(({ deaths }) => deaths > 1);
  const path = pathOf(directory, 'finish');
  for (const { text, signals } of permafails) {
    if (signals.length > 0) {
      notes.loss(path, text, `There only ${listed(signals, 'and')} count, of all signals; here every signal does.`);
    }
  }
  for (const { text } of others) {
    notes.loss(path, text, 'There every limit holds; here a policy has one, and it is the first.');
  }
  const stops = atOnce.flatMap((permafail) => rulesOf(permafail, 'stop'));
  if (limit === undefined) return stops.length === 0 ? {} : { rules: stops };
  const span = limit.seconds * 1_000;
  const counting = rulesOf(limit, 'restart');
  const rules = [...stops, ...counting, { action: 'restart_uncounted' as const }];
  const maxAttempts = limit.deaths - 1;
  if (span === 0) {
    notes.loss(path, limit.text, 'The limit is never reached there, and left out here: nothing dies twice within 0s.');
    return stops.length === 0 ? {} : { rules: stops };
  }
  if (maxAttempts > 100) {
    notes.loss(
      path,
      limit.text,
      `There the deaths of the last ${asWritten(span)} are counted; here, as there are more than 100, those since a run of that length.`,
    );
    return { rules, maxAttempts, stableAfter: span };
  }
  // A run as long as the interval leaves no attempt within it, so nothing is forgotten that still counts.
  return { rules, maxAttempts, limitInterval: span, stableAfter: Math.max(span, 600_000) };
};

const rulesOf = ({ codes, signals }: Permafail, action: 'restart' | 'stop'): ReadonlyArray<RestartRule> => {
  const causes: ReadonlyArray<EndCause> =
    signals.includes('SIGKILL') || signals.includes('SIG9') ? ['signal', 'out_of_memory'] : ['signal'];
  return [
    ...(codes.length > 0 ? [{ causes: ['exit'] as const, exitCodes: codes, action }] : []),
    ...(signals.length > 0 ? [{ causes, action }] : []),
  ];
};
