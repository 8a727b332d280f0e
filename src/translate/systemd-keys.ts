/**
 * The keys of a unit that say when it is restarted: where each may stand, and since which version of systemd.
 */
import { nearest } from '../nearest.js';
import { pathOf, type Section } from './section.js';
import type { Notes } from './translation.js';

/** The newest version that is known here. */
export const newestVersion = 262;

interface Key {
  readonly name: string;
  readonly section: 'Unit' | 'Service';
  /** The first version that knows it there. */
  readonly since: number;
}

/**
 * Read off systemd's manual pages and its table of keys. Version 229 moved the limit of starts from [Service] to [Unit],
 * 230 gave its interval the name in `Sec`; the former places and names still count, but not the new name at the old place.
 */
export const systemdKeys: ReadonlyArray<Key> = [
  { name: 'StartLimitIntervalSec', section: 'Unit', since: 230 },
  { name: 'StartLimitInterval', section: 'Unit', since: 229 },
  { name: 'StartLimitInterval', section: 'Service', since: 1 },
  { name: 'StartLimitBurst', section: 'Unit', since: 229 },
  { name: 'StartLimitBurst', section: 'Service', since: 1 },
  { name: 'StartLimitAction', section: 'Unit', since: 229 },
  { name: 'StartLimitAction', section: 'Service', since: 1 },
  { name: 'FailureAction', section: 'Unit', since: 236 },
  { name: 'FailureAction', section: 'Service', since: 209 },
  { name: 'SuccessAction', section: 'Unit', since: 236 },
  { name: 'OnFailure', section: 'Unit', since: 1 },
  { name: 'Type', section: 'Service', since: 1 },
  { name: 'BusName', section: 'Service', since: 1 },
  { name: 'RemainAfterExit', section: 'Service', since: 1 },
  { name: 'Restart', section: 'Service', since: 1 },
  { name: 'RestartSec', section: 'Service', since: 1 },
  { name: 'RestartSteps', section: 'Service', since: 254 },
  { name: 'RestartMaxDelaySec', section: 'Service', since: 254 },
  { name: 'RestartRandomizedDelaySec', section: 'Service', since: 262 },
  { name: 'RestartMode', section: 'Service', since: 254 },
  { name: 'SuccessExitStatus', section: 'Service', since: 189 },
  { name: 'RestartPreventExitStatus', section: 'Service', since: 189 },
  { name: 'RestartForceExitStatus', section: 'Service', since: 215 },
  { name: 'TimeoutSec', section: 'Service', since: 1 },
  { name: 'TimeoutStartSec', section: 'Service', since: 188 },
  { name: 'RuntimeMaxSec', section: 'Service', since: 229 },
  { name: 'WatchdogSec', section: 'Service', since: 1 },
];

/** BusName is within few edits of names that systemd has besides. */
const tellingNames = /* @__PURE__ */ ((): ReadonlyArray<string> =>
  [...new Set(systemdKeys.map(({ name }) => name))].filter((name) => name.length > 6 && name !== 'BusName'))();

/**
 * The section without the keys that this version does not know there. Each of these is a loss, for systemd goes on without
 * it; but a key that no version knows anywhere and that is nearly one of ours is an error: it was meant to be that one.
 */
export const keysOf = (section: Section, name: 'Unit' | 'Service', version: number, notes: Notes): Section => {
  const fields = new Map<string, unknown>();
  for (const [key, value] of section.fields) {
    const places = systemdKeys.filter((known) => known.name === key);
    const here = places.find((known) => known.section === name);
    if (places.length === 0) {
      const meant = nearest(key, tellingNames, 2);
      if (meant !== null) notes.error(pathOf(section, key), `is not known; did you mean ${meant}?`);
    } else if (here === undefined) {
      const [{ section: right = '' } = {}] = places;
      notes.loss(
        pathOf(section, key),
        value,
        `systemd ignores it in [${name}], so it was not translated: it belongs in [${right}].`,
      );
    } else if (here.since > version) {
      notes.loss(
        pathOf(section, key),
        value,
        `systemd ${version} ignores it, so it was not translated: it came with systemd ${here.since}.`,
      );
    } else fields.set(key, value);
  }
  return { path: section.path, fields };
};
