/**
 * A service of systemd, as its unit's file says when it is restarted.
 */
import type { RestartPolicyInput } from '../policy.js';
import { describeValue } from '../quote.js';
import { refuseOthers, type Section, sectionAt, sectionIn } from './section.js';
import { type Actions, noteActions } from './systemd-actions.js';
import { endsOf } from './systemd-ends.js';
import { keysOf, newestVersion } from './systemd-keys.js';
import { startTimeoutOf } from './systemd-timeouts.js';
import { booleanIn, unitWordIn } from './systemd-values.js';
import { limitOf, waitsOf } from './systemd-waits.js';
import { type Notes, type Peer, type Translated, type Translation, translatingToPolicy } from './translation.js';

/** What is known of systemd, and from where. */
export const systemd: Peer = {
  title: 'systemd',
  versions:
    'The sections [Unit] and [Service] of a service unit, of any version up to 262: RestartSteps=, RestartMaxDelaySec= and ' +
    'RestartMode= came with 254, RestartRandomizedDelaySec= with 262; an option says which version it is.',
  sources: [
    {
      says: 'Restart= and what goes with it',
      url: 'https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html',
      read: '2026-11-27',
    },
    {
      says: 'the limit of starts',
      url: 'https://www.freedesktop.org/software/systemd/man/latest/systemd.unit.html#StartLimitIntervalSec=interval',
      read: '2026-11-27',
    },
    {
      says: 'time spans',
      url: 'https://www.freedesktop.org/software/systemd/man/latest/systemd.time.html',
      read: '2026-11-27',
    },
    {
      says: 'names of exit codes',
      url: 'https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#Process%20Exit%20Codes',
      read: '2026-11-27',
    },
    {
      says: 'in which order the lists and Restart= are asked, and how waits grow',
      url: 'https://github.com/systemd/systemd/blob/v255/src/core/service.c',
      read: '2026-11-27',
    },
    {
      says: 'RestartRandomizedDelaySec=',
      url: 'https://github.com/systemd/systemd/releases/tag/v262',
      read: '2026-11-27',
    },
  ],
};

/**
 * Which systemd runs the unit.
 *
 * @since 0.2.0
 */
export interface SystemdOptions {
  /** A whole number from 1, such as 252. What came with a later one is ignored, as it does. Absent: 262, the newest known. */
  readonly version?: number | undefined;
}

/**
 * A service unit of systemd as a policy: its sections as objects, whose values are texts as in the file, or arrays of texts
 * where a key stands several times (drop-ins after the unit itself). Keys that do not say when it is restarted are not looked
 * at. Where systemd ignores a key, so does this, and says so; a misspelt one and a value that it would not take are errors. Never throws.
 *
 * @example
 * import { fromSystemd } from 'restart-policy/translate'
 *
 * const unit = { Service: { ExecStart: '/usr/bin/web', Restart: 'always', RestartSec: '5s' } }
 * const translated = fromSystemd(unit)
 * assert.deepStrictEqual(translated._tag === 'Right' && translated.right.policy, {
 *   mode: 'always', backoff: 5_000, backoffFrom: 'exit', maxAttempts: 0, stableAfter: 600_000,
 * })
 *
 * @since 0.2.0
 */
export const fromSystemd = (unit: unknown, options: SystemdOptions = {}): Translated<Translation> =>
  translatingToPolicy('unit', (given, notes) => readUnit(given, versionOf(options, notes), notes))(unit);

const versionOf = ({ version = newestVersion }: SystemdOptions, notes: Notes): number => {
  if (Number.isSafeInteger(version) && version >= 1) return version;
  notes.error('version', `must be a whole number from 1, not ${describeValue(version)}`);
  return newestVersion;
};

/** These are of Quadlet, which makes of each a service that says itself when it has started, also where no [Service] stands. */
const notifying = ['Container', 'Kube'];

/** Quadlet hands [Unit] and [Service] on to systemd. */
const sectionNames = ['Unit', 'Service', 'Install', 'Container', 'Pod', 'Kube', 'Quadlet'];

const types = ['simple', 'exec', 'forking', 'oneshot', 'dbus', 'notify', 'notify-reload', 'idle'] as const;

const readUnit = (given: unknown, version: number, notes: Notes): RestartPolicyInput | undefined => {
  const all = sectionAt(given, '', notes);
  if (all === undefined) return undefined;
  const named = { ...all, fields: new Map([...all.fields].filter(([key]) => !key.startsWith('X-'))) };
  refuseOthers(named, sectionNames, notes);
  const unit = keysOf(sectionIn(all, 'Unit', notes) ?? { path: 'Unit', fields: new Map() }, 'Unit', version, notes);
  const notifies = notifying.some((name) => all.fields.has(name));
  if (!all.fields.has('Service') && !notifies) return notes.error('Service', 'is missing: only a service is restarted');
  const written = all.fields.has('Service')
    ? sectionIn(all, 'Service', notes)
    : { path: 'Service', fields: new Map<string, unknown>() };
  if (written === undefined) return undefined;
  const service = keysOf(written, 'Service', version, notes);
  // Where a key may stand in both, the later one counts.
  const inOrder =
    [...all.fields.keys()].indexOf('Unit') > [...all.fields.keys()].indexOf('Service')
      ? [service, unit]
      : [unit, service];
  return policyOf(unit, service, inOrder, { version, notifies, install: all.fields.get('Install') }, notes);
};

const policyOf = (
  unit: Section,
  service: Section,
  inOrder: ReadonlyArray<Section>,
  { version, notifies, install }: { readonly version: number; readonly notifies: boolean; readonly install: unknown },
  notes: Notes,
): RestartPolicyInput => {
  const byDefault = service.fields.has('BusName') ? 'dbus' : 'simple';
  const type = unitWordIn(service, 'Type', types, notes) ?? (notifies ? 'notify' : byDefault);
  const remains = booleanIn(service, 'RemainAfterExit', notes) ?? false;
  const ends = endsOf(service, { isOneshot: type === 'oneshot', remains, version }, notes);
  const waits = waitsOf(service, ends.mode !== 'never', notes);
  const limit = limitOf(inOrder, waits, ends.mode !== 'never', notes);
  const startTimeout = startTimeoutOf(service, type, ends, notes);
  const actions: Actions = { limited: limit.maxAttempts !== undefined, restarts: ends.mode !== 'never' };
  noteActions(unit, inOrder, service, actions, notes);
  if (ends.mode === 'never' || waits.backoff === undefined) return { mode: 'never' };
  if (install !== undefined) {
    notes.gain(
      'Install',
      install,
      "A person's stop holds: there an enabled unit that was stopped is started when the machine starts again; here it stays stopped until a person starts it.",
    );
  }
  return { mode: ends.mode, ...waits, ...limit, ...(startTimeout && { startTimeout }), ...ends.rules };
};
