/**
 * pm2: an application of an ecosystem file.
 */
import { type Millis, maxMillis } from '../duration.js';
import type { RestartPolicyInput, RestartRule } from '../policy.js';
import { describeValue } from '../quote.js';
import { asWritten } from '../words.js';
import { flagIn, pathOf, refuseMisspelt, type Section, sectionAt } from './section.js';
import { type Notes, type Peer, translatingToPolicy } from './translation.js';
import { noWait } from './waits.js';

/** What is known of pm2, and from where. */
export const pm2: Peer = {
  title: 'pm2',
  versions:
    'Applications of an ecosystem file, as pm2 7 runs them; stop_exit_codes since 4.4, exponential waits since 3.4.',
  sources: [
    {
      says: 'the fields, their types and their defaults',
      url: 'https://github.com/Unitech/pm2/blob/v7.0.4/lib/API/schema.json',
      read: '2026-11-27',
    },
    {
      says: 'what is counted and how long it waits (God.handleExit)',
      url: 'https://github.com/Unitech/pm2/blob/v7.0.4/lib/God.js',
      read: '2026-11-27',
    },
    {
      says: 'what ends the growth, and the restart for memory',
      url: 'https://github.com/Unitech/pm2/blob/v7.0.4/lib/Worker.js',
      read: '2026-11-27',
    },
    {
      says: 'the same for people',
      url: 'https://pm2.keymetrics.io/docs/usage/restart-strategies/',
      read: '2026-11-27',
    },
  ],
};

const fields = [
  'autorestart',
  'stop_exit_codes',
  'restart_delay',
  'exp_backoff_restart_delay',
  'max_restarts',
  'min_uptime',
  'max_memory_restart',
  'cron_restart',
  'watch',
] as const;

const [defaultLimit, defaultUptime] = [16, 1_000];
const [longestWait, factor, growthEndsAfter] = [15_000, 1.5, 30_000];

/**
 * One application of pm2's ecosystem file: an entry of its `apps`, as JSON has it. Fields that do not say when it is restarted
 * are not looked at. Never throws.
 *
 * @example
 * import { fromPm2 } from 'restart-policy/translate'
 *
 * const translated = fromPm2({ name: 'api', script: 'api.js', exp_backoff_restart_delay: 100 })
 * if (translated._tag === 'Left') throw new Error(translated.left[0].message)
 * assert.strictEqual(translated.right.policy.backoffFactor, 1.5)
 *
 * @since 0.2.0
 */
export const fromPm2 = /* @__PURE__ */ translatingToPolicy('app', (given, notes) => {
  const whole = sectionAt(given, '', notes);
  if (whole === undefined) return undefined;
  const app = withoutAliases(whole);
  refuseMisspelt(app, fields, notes, ['autostart']);
  const autorestart = flagIn(app, 'autorestart', notes) ?? true;
  const codes = codesIn(app, notes);
  tellOfRestartsAtRuntime(app, codes, notes);
  // What is never restarted loses nothing by how it would be.
  const isNever = !autorestart || Number(app.fields.get('max_restarts') ?? defaultLimit) === 0;
  const heard: Notes = isNever ? { ...notes, loss: () => undefined } : notes;
  const waits = waitsOf(app, heard);
  const limit = limitOf(app, waits, heard);
  if (isNever) return { mode: 'never' };
  notes.gain(
    '',
    null,
    "A person's stop holds: pm2 resurrect and a start of the same ecosystem file start an application that was stopped by hand; here it stays stopped until a person starts it.",
  );
  return { mode: 'always', ...waits.fields, ...limit, ...rulesOf(codes) };
});

/** pm2 takes each name in camel case, too; the one with underscores goes first, unless it is as good as nothing. */
const withoutAliases = (app: Section): Section => {
  const set = new Map(app.fields);
  for (const name of fields) {
    const aliases = [name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())];
    if (name === 'cron_restart') aliases.unshift('cron');
    for (const alias of aliases) {
      if (alias !== name && set.has(alias)) {
        if (!set.get(name)) set.set(name, set.get(alias));
        set.delete(alias);
      }
    }
  }
  return { ...app, fields: set };
};

// ---------------------------------------------------------------------------
// which ends
// ---------------------------------------------------------------------------

const codesIn = (app: Section, notes: Notes): ReadonlyArray<number> => {
  const u = app.fields.get('stop_exit_codes');
  if (u === undefined) return [];
  const given: ReadonlyArray<unknown> = Array.isArray(u) ? u : [u];
  const codes = given.map((code) => (typeof code === 'string' && /^\d+$/.test(code) ? Number(code) : code));
  const wrong = codes.find((code) => !Number.isSafeInteger(code) || (code as number) < 0 || (code as number) > 255);
  if (wrong === undefined) return codes as ReadonlyArray<number>;
  notes.error(pathOf(app, 'stop_exit_codes'), `must be exit codes from 0 to 255, not ${describeValue(wrong)}`);
  return [];
};

/** Of a run that a signal ended pm2 sees the exit code 0. */
const rulesOf = (codes: ReadonlyArray<number>): { readonly rules?: ReadonlyArray<RestartRule> } => {
  if (codes.length === 0) return {};
  const byCode: RestartRule = { causes: ['exit'], exitCodes: [...new Set(codes)], action: 'stop' };
  return {
    rules: codes.includes(0) ? [byCode, { causes: ['signal', 'out_of_memory'], action: 'stop' }] : [byCode],
  };
};

const tellOfRestartsAtRuntime = (app: Section, codes: ReadonlyArray<number>, notes: Notes): void => {
  const tell = (key: string, effect: string): void => {
    const value = app.fields.get(key);
    if (value !== undefined && value !== false && value !== '' && value !== 0)
      notes.loss(pathOf(app, key), value, effect);
  };
  const ofMemory = codes.includes(0)
    ? 'a run that ends for memory stays down'
    : 'a run that ends for memory is restarted';
  tell(
    'max_memory_restart',
    `There it is restarted when it uses more memory than that, as pm2 sees every 30s; here ${ofMemory}, and whoever watches its memory may report it as unhealthy.`,
  );
  tell('cron_restart', 'There it is restarted at these times; here nothing is restarted by the calendar.');
  tell('watch', 'There it is restarted when its files change; here files are not watched.');
};

// ---------------------------------------------------------------------------
// waits
// ---------------------------------------------------------------------------

interface Waits {
  readonly fields: Pick<RestartPolicyInput, 'backoff' | 'backoffFactor' | 'maxBackoff' | 'backoffFrom' | 'stableAfter'>;
  /** How long the first so many of them take together. */
  readonly together: (count: number) => Millis;
}

const waitsOf = (app: Section, notes: Notes): Waits => {
  const delay = Math.trunc(numberIn(app, 'restart_delay', notes) ?? 0);
  const growing = Math.trunc(numberIn(app, 'exp_backoff_restart_delay', notes) ?? -1);
  const first = growing >= 0 ? growing : delay;
  if (growing >= 0 && app.fields.has('restart_delay')) {
    notes.loss(
      pathOf(app, 'restart_delay'),
      app.fields.get('restart_delay'),
      'It has no effect: exp_backoff_restart_delay goes before it, here as there.',
    );
  }
  if (first === 0) {
    notes.loss(
      pathOf(app, growing >= 0 ? 'exp_backoff_restart_delay' : 'restart_delay'),
      app.fields.get(growing >= 0 ? 'exp_backoff_restart_delay' : 'restart_delay') ?? null,
      'There is no pause there, and the shortest wait here is 1ms: while nothing limits it, a crash loop goes on as fast as starts do, here as there.',
    );
    return { fields: noWait, together: () => 0 };
  }
  const backoff = Math.min(first, maxMillis);
  if (growing < 0) return { fields: { backoff, backoffFrom: 'exit' }, together: (count) => count * backoff };
  notes.loss(
    pathOf(app, 'exp_backoff_restart_delay'),
    growing,
    'There a run of 30s to 60s ends the growth, for pm2 looks every 30s; here a run of 30s does.',
  );
  if (first >= longestWait) {
    notes.loss(
      pathOf(app, 'exp_backoff_restart_delay'),
      growing,
      `There the first wait is ${asWritten(first)} and the others are 15s, which is the longest; here all are 15s.`,
    );
    return {
      fields: { backoff: longestWait, backoffFrom: 'exit', stableAfter: growthEndsAfter },
      together: (count) => count * longestWait,
    };
  }
  return {
    fields: {
      backoff,
      maxBackoff: longestWait,
      backoffFactor: factor,
      backoffFrom: 'exit',
      stableAfter: growthEndsAfter,
    },
    together: (count) => {
      let [sum, wait] = [0, backoff];
      // The rest are of the longest wait, and there may be a great many of them.
      const grown = Math.min(count, 100);
      for (let n = 0; n < grown; n++) {
        sum += wait;
        wait = Math.min(longestWait, wait * factor);
      }
      return sum + (count - grown) * longestWait;
    },
  };
};

/** pm2 takes numbers as texts, too. */
const numberIn = (app: Section, key: string, notes: Notes): number | undefined => {
  const u = app.fields.get(key);
  if (u === undefined) return undefined;
  const number = typeof u === 'string' && /^\d+(\.\d+)?$/.test(u) ? Number(u) : u;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0
    ? number
    : notes.error(pathOf(app, key), `must be a number of milliseconds from 0, not ${describeValue(u)}`);
};

// ---------------------------------------------------------------------------
// the limit
// ---------------------------------------------------------------------------

const unitSizes: Readonly<Record<string, Millis>> = { h: 3_600_000, m: 60_000, s: 1_000 };

const uptimeIn = (app: Section, notes: Notes): Millis | undefined => {
  const u = app.fields.get('min_uptime');
  if (u === undefined) return undefined;
  const [, digits = '', unit = ''] = /^(\d+)([hms]?)$/.exec(String(u)) ?? [];
  const uptime = digits === '' ? Number.NaN : Number(digits) * (unitSizes[unit] ?? 1);
  return uptime >= 100
    ? Math.min(uptime, maxMillis)
    : notes.error(
        pathOf(app, 'min_uptime'),
        `must be a number of milliseconds from 100, or one of "1h", "1m", "1s", not ${describeValue(u)}`,
      );
};

type Limit = Pick<RestartPolicyInput, 'maxAttempts' | 'limitInterval' | 'stableAfter'>;

const limitOf = (app: Section, waits: Waits, notes: Notes): Limit => {
  const uptime = uptimeIn(app, notes) ?? defaultUptime;
  const asked = app.fields.get('max_restarts');
  const path = pathOf(app, 'max_restarts');
  const most = asked === undefined ? defaultLimit : Number(asked);
  if (!Number.isSafeInteger(most) || most < 0) {
    notes.error(path, `must be a whole number from 0, not ${describeValue(asked)}`);
    return {};
  }
  const within = Math.min(uptime * most, maxMillis);
  if (waits.together(most - 1) >= within) {
    if (asked !== undefined) {
      notes.loss(
        path,
        asked,
        `The limit is never reached there, and left out here: pm2 counts only in the first ${asWritten(within)}, and ${most - 1} waits alone take ${asWritten(waits.together(most - 1))}.`,
      );
    }
    return {};
  }
  notes.loss(
    path,
    asked ?? null,
    `pm2 counts runs below ${asWritten(uptime)} that end in the first ${asWritten(within)} after the application was added; a loop that begins later goes on for ever there. Here the restarts of any ${asWritten(within)} count.`,
  );
  if (most === 1) {
    notes.loss(
      path,
      asked ?? null,
      'There nothing is started again after a first end so early; here one attempt is made, the lowest limit.',
    );
  }
  // The first end counts already.
  const maxAttempts = Math.max(most - 1, 1);
  const stableAfter = waits.fields.stableAfter ?? within;
  return maxAttempts > 100 ? { maxAttempts, stableAfter } : { maxAttempts, limitInterval: within, stableAfter };
};
