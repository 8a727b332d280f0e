/**
 * The strict readers of a policy and of a status by themselves. The codecs ask them only about what is not in its canonical form;
 * here they are asked about everything, as what the codecs must agree with.
 */
import { left, right } from 'fp-ts/lib/Either.js';
import { initialStatus, type RestartPolicy, type RestartStatus } from '../../src/index.js';
import type { Validation } from '../../src/validation.js';
import { type Flaw, type Given, isPlainObject, type Read } from '../../src/wire/fields.js';
import { readPolicyFields } from '../../src/wire/policy-wire.js';
import { readStatusFields, statusNames } from '../../src/wire/status-wire.js';
import { decodeWith } from '../../src/wire.js';

/** The own fields of an object that are `known` are read, each once; without `known` all that there are. */
const readStrictly =
  <A>(read: (given: Given) => Validation<Flaw, A>, known?: ReadonlyArray<string>): Read<A> =>
  (u) => {
    const whole = (message: string): Validation<Flaw, never> => left([{ places: [], message }]);
    try {
      if (!isPlainObject(u)) return whole('must be an object');
      const own = Object.keys(u);
      const given = new Map<string, unknown>();
      for (const key of known?.filter((name) => own.includes(name)) ?? own) {
        const value = u[key];
        if (value !== undefined) given.set(key, value);
      }
      return read(given);
    } catch {
      return whole('must be an object whose fields can be read');
    }
  };

const readStatus = readStrictly(readStatusFields, Object.values(statusNames));

export const decodePolicyStrictly = decodeWith<RestartPolicy>('restart_policy', readStrictly(readPolicyFields));

export const decodeStatusStrictly = decodeWith<RestartStatus>('restart_status', (u) =>
  u === undefined || u === null ? right(initialStatus) : readStatus(u),
);
