/**
 * How long systemd waits before it restarts a service, and how many starts it allows.
 */
import { type Millis, maxMillis } from '../duration.js';
import type { RestartPolicyInput } from '../policy.js';
import { asWritten } from '../words.js';
import { pathOf, type Section } from './section.js';
import { timeSpanIn, unsignedIn } from './systemd-values.js';
import type { Notes } from './translation.js';
import { noWait, tenYears } from './waits.js';

/** `backoff` absent: it waits for ever. */
export interface Waits
  extends Pick<RestartPolicyInput, 'maxBackoff' | 'backoffFactor' | 'jitter' | 'stableAfter' | 'backoffFrom'> {
  readonly backoff?: Millis;
}

const steepest = 100;

export const waitsOf = (service: Section, restarts: boolean, notes: Notes): Waits => {
  const asked = timeSpanIn(service, 'RestartSec', notes) ?? 100;
  const steps = unsignedIn(service, 'RestartSteps', notes) ?? 0;
  const most = timeSpanIn(service, 'RestartMaxDelaySec', notes) ?? Number.POSITIVE_INFINITY;
  const extra = timeSpanIn(service, 'RestartRandomizedDelaySec', notes) ?? 0;
  if (!restarts) return {};
  // systemd lowers the first wait to the longest one.
  const first = Math.min(asked, most);
  const tell = (key: string, effect: string): void => {
    notes.loss(pathOf(service, key), service.fields.get(key), effect);
  };
  if (first === Number.POSITIVE_INFINITY) {
    tell(
      'RestartSec',
      'There it waits for ever after the end of a run, as if it were restarted some day; here nothing is planned.',
    );
    return {};
  }
  if (first === 0) {
    tell(
      'RestartSec',
      'There is no pause there, and the shortest wait here is 1ms: while nothing limits it, a crash loop goes on as fast as starts do, here as there.',
    );
    return noWait;
  }
  const backoff = Math.min(first, maxMillis);
  const growth = growthOf({ first, most, steps }, tell);
  return { backoff, backoffFrom: 'exit', ...growth, ...jitterOf(extra, backoff, growth.maxBackoff, tell) };
};

type Tell = (key: string, effect: string) => void;

const growthOf = (
  { first, most, steps }: { readonly first: Millis; readonly most: Millis; readonly steps: number },
  tell: Tell,
): Pick<Waits, 'maxBackoff' | 'backoffFactor' | 'stableAfter'> => {
  if (steps > 0 && most === Number.POSITIVE_INFINITY) {
    tell('RestartSteps', 'systemd ignores it without RestartMaxDelaySec=, so it was not translated.');
  }
  if (steps === 0 && most !== Number.POSITIVE_INFINITY && first !== most) {
    tell('RestartMaxDelaySec', 'systemd ignores it without RestartSteps=, so it was not translated.');
  }
  if (steps === 0 || first >= most || most === Number.POSITIVE_INFINITY) return {};
  // Rounded, so that it is the same number on every engine.
  const factor = Number(((most / first) ** (1 / steps)).toFixed(9));
  if (factor <= 1) return {};
  if (factor > steepest) {
    tell(
      'RestartSteps',
      `There each wait is ${factor.toFixed(0)} times the one before; here at most 100 times, so it takes longer to reach the longest one.`,
    );
  }
  return { maxBackoff: Math.min(most, maxMillis), backoffFactor: Math.min(factor, steepest), stableAfter: tenYears };
};

const jitterOf = (
  extra: Millis,
  backoff: Millis,
  maxBackoff: Millis | string | undefined,
  tell: Tell,
): Pick<Waits, 'jitter'> => {
  // systemd takes infinity for nothing here.
  if (extra === 0 || extra === Number.POSITIVE_INFINITY) return {};
  const key = 'RestartRandomizedDelaySec';
  const longest = typeof maxBackoff === 'number' ? maxBackoff : backoff;
  const share = extra / longest;
  if (share > 1) {
    tell(
      key,
      `There up to ${asWritten(extra)} are added to each wait; here no more than a wait is long, up to ${asWritten(longest)}.`,
    );
  } else if (longest !== backoff) {
    tell(
      key,
      `There up to ${asWritten(extra)} are added to each wait; here it is a share of each wait, and so much only of the longest.`,
    );
  }
  return { jitter: Math.min(share, 1) };
};

// ---------------------------------------------------------------------------
// the limit of starts
// ---------------------------------------------------------------------------

const defaultInterval: Millis = 10_000;
const defaultBurst = 5;

/** `sections` in the order in which they stand. */
export const limitOf = (
  sections: ReadonlyArray<Section>,
  waits: Waits,
  restarts: boolean,
  notes: Notes,
): Pick<RestartPolicyInput, 'maxAttempts' | 'limitInterval' | 'stableAfter'> => {
  const interval = lastSet(sections, ['StartLimitInterval', 'StartLimitIntervalSec'], timeSpanIn, notes);
  const burst = lastSet(sections, ['StartLimitBurst'], unsignedIn, notes);
  const within = interval?.value ?? defaultInterval;
  const most = burst?.value ?? defaultBurst;
  const { backoff } = waits;
  if (!restarts || backoff === undefined || within === 0 || most === 0) return {};
  const at = burst ?? interval ?? { path: 'Unit.StartLimitBurst', given: null };
  if (backoff * most >= within) {
    if (at.given !== null) {
      notes.loss(
        at.path,
        at.given,
        `The limit is never reached there, and left out here: ${most} waits alone take ${asWritten(backoff * most)}.`,
      );
    }
    return {};
  }
  notes.loss(
    at.path,
    at.given,
    `There a person's start is counted among the ${most}, and refused at the limit: of a loop that begins right after one there is a restart less. Here ${most} automatic attempts are allowed, and a person's start always.`,
  );
  const stableAfter = Math.max(within, Number(waits.stableAfter ?? 600_000));
  if (within === Number.POSITIVE_INFINITY || within > maxMillis) return { maxAttempts: most, stableAfter: tenYears };
  if (most <= 100) return { maxAttempts: most, limitInterval: within, stableAfter };
  notes.loss(
    at.path,
    at.given,
    `There the starts of the last ${asWritten(within)} are counted; here, as there are more than 100, those since a run of that length.`,
  );
  return { maxAttempts: most, stableAfter: within };
};

interface Setting<A> {
  readonly value: A;
  readonly path: string;
  readonly given: unknown;
}

/** Of keys that set the same thing, the last that stands in the unit. */
const lastSet = <A>(
  sections: ReadonlyArray<Section>,
  keys: ReadonlyArray<string>,
  read: (section: Section, key: string, notes: Notes) => A | undefined,
  notes: Notes,
): Setting<A> | undefined => {
  let last: Setting<A> | undefined;
  for (const section of sections) {
    for (const key of section.fields.keys()) {
      if (!keys.includes(key)) continue;
      const value = read(section, key, notes);
      if (value !== undefined) last = { value, path: pathOf(section, key), given: section.fields.get(key) };
    }
  }
  return last;
};
