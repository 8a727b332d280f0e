/**
 * Fly Machines: the restart section of fly.toml, or of a Machine's own settings.
 */
import { describeValue } from '../quote.js';
import { countIn, itemsIn, pathOf, refuseOthers, type Section, sectionAt, underNames, wordIn } from './section.js';
import {
  type Notes,
  type Peer,
  type Translated,
  type Translation,
  translatingToPolicy,
  withoutRestarts,
} from './translation.js';

/** What is known of Fly, and from where. */
export const fly: Peer = {
  title: 'Fly Machines',
  versions:
    '[[restart]] of fly.toml (policy, retries, processes), and restart of a Machine in the Machines API (policy, max_retries).',
  sources: [
    {
      says: 'the policies, and 10 retries by default',
      url: 'https://fly.io/docs/machines/guides-examples/machine-restart-policy/',
      read: '2026-11-27',
    },
    {
      says: '[[restart]] in fly.toml',
      url: 'https://community.fly.io/t/more-control-over-your-app-restarts/19180',
      read: '2026-11-27',
    },
    {
      says: 'the fields of the API, and that retries are of on-failure alone',
      url: 'https://github.com/superfly/fly-go/blob/main/machine_types.go',
      read: '2026-11-27',
    },
    {
      says: 'what Fly Proxy starts',
      url: 'https://fly.io/docs/reference/fly-proxy-autostop-autostart/',
      read: '2026-11-27',
    },
  ],
};

/**
 * How a fly.toml is read.
 *
 * @since 0.2.0
 */
export interface FlyOptions {
  /** The process group whose policy is wanted, where fly.toml has several restart sections. Default: the only section. */
  readonly processGroup?: string | undefined;
}

const words = ['no', 'never', 'always', 'on-failure', 'on-fail', 'spot-price'] as const;

/**
 * Fly's restart policy: `restart` of a Machine (`{ policy, max_retries }`), or the sections `[[restart]]` of a fly.toml
 * (`{ policy, retries, processes }`, or an array of them). Never throws.
 *
 * @example
 * import { fromFly } from 'restart-policy/translate'
 *
 * const translated = fromFly([{ policy: 'on-failure', retries: 5, processes: ['app'] }])
 * if (translated._tag === 'Left') throw new Error(translated.left[0].message)
 * assert.strictEqual(translated.right.policy.maxAttempts, 5)
 *
 * @since 0.2.0
 */
export const fromFly = (restart: unknown, options: FlyOptions = {}): Translated<Translation> =>
  translatingToPolicy('restart', (given, notes) => {
    const asked = sectionAt(options, 'options', notes);
    if (asked !== undefined) refuseOthers(asked, ['processGroup'], notes);
    const written = Array.isArray(given) ? sectionOf(given, options.processGroup, notes) : sectionAt(given, '', notes);
    if (written === undefined) return undefined;
    const section = underNames(written, { retries: 'max_retries' }, notes);
    refuseOthers(section, ['policy', 'max_retries', 'processes', 'gpu_bid_price'], notes);
    const policy = wordIn(section, 'policy', words, notes) ?? 'on-failure';
    const retries = countIn(section, 'max_retries', notes);
    const [policyAt, retriesAt] = [pathOf(section, 'policy'), pathOf(section, 'max_retries')];
    const said = section.fields.get('policy') ?? null;
    if (policy === 'no' || policy === 'never') {
      if (retries !== undefined) notes.loss(retriesAt, retries, withoutRestarts);
      return { mode: 'never' };
    }
    notes.loss(
      policyAt,
      said,
      'Fly does not say how long it waits before a restart, nor which run ends its count. Here attempts are at least 5s apart, and a run of ' +
        '10m begins the count anew.',
    );
    notes.gain(
      policyAt,
      said,
      "A person's stop holds: Fly Proxy may start a Machine that was stopped by hand when a request comes (auto_start_machines); here it " +
        'stays stopped until a person starts it.',
    );
    if (policy === 'spot-price') {
      notes.loss(
        policyAt,
        policy,
        'Fly starts the Machine while the price of its GPU is right. Here it is restarted whatever it costs.',
      );
    }
    if (policy === 'on-failure' || policy === 'on-fail') {
      if (retries === 0) notes.loss(retriesAt, 0, 'The API takes 0 for not said, which is ten; so it is here.');
      return { mode: 'on_failure', maxAttempts: retries === undefined || retries === 0 ? 10 : retries };
    }
    if (retries !== undefined)
      notes.loss(retriesAt, retries, 'It has no effect: only on-failure has a limit, here as there.');
    return { mode: 'always' };
  })(restart);

const sectionOf = (given: ReadonlyArray<unknown>, wanted: string | undefined, notes: Notes): Section | undefined => {
  const all = { path: '', fields: new Map<string, unknown>([['restart', given]]) };
  const sections = itemsIn(all, 'restart', notes).flatMap(({ item, path }) => {
    const section = sectionAt(item, path, notes);
    return section === undefined ? [] : [section];
  });
  if (sections.length !== given.length) return undefined;
  const [only, second] = sections;
  if (wanted === undefined) {
    if (only === undefined) return notes.error('', 'must have a section');
    return second === undefined
      ? only
      : notes.error('options.processGroup', 'must name a process group: there are several restart sections');
  }
  const groupsOf = (section: Section): ReadonlyArray<unknown> => {
    const groups = section.fields.get('processes');
    return Array.isArray(groups) ? groups : [];
  };
  // A section without groups is for all that have none of their own.
  const found =
    sections.find((section) => groupsOf(section).includes(wanted)) ??
    sections.find((section) => groupsOf(section).length === 0);
  return found ?? notes.error('options.processGroup', `is ${describeValue(wanted)}, and no restart section is for it`);
};
