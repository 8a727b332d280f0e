/**
 * The timeline of an instance that was simulated. Its entries are made when somebody asks for them, by going through it again:
 * many timelines are asked for their summary alone, and what is decided of the same events is the same (G6).
 */
import type { Timestamp } from '../status.js';
import { type Given, Instance } from './instance.js';
import type { Recording } from './recording.js';
import type { Timeline, TimelineEntry } from './timeline.js';

/** Of what came before a moment. Once, when all of it has happened. */
export const timelineOf = (instance: Instance, end: Timestamp): Timeline => {
  const { given, recording } = instance;
  recording.close();
  const { id, seed, policy, words } = given;
  const isGated = given.gate !== null;
  const entries = makerOf({ id, seed, policy, words, isGated, recording, end });
  const summary = { value: instance.summaryAt(end), enumerable: true, ...changeable };
  return Object.defineProperties({}, { entries: madeWhenRead, summary, [entriesKey]: { value: entries } }) as Timeline;
};

/** What the entries follow from, and no more: a timeline that somebody keeps keeps neither the workload nor the fleet it is of. */
interface Source extends Pick<Given, 'id' | 'seed' | 'policy' | 'words'> {
  readonly isGated: boolean;
  readonly recording: Recording;
  readonly end: Timestamp;
}

/** Answers with the same array each time. */
const makerOf = (given: Source): (() => ReadonlyArray<TimelineEntry>) => {
  let source: Source | null = given;
  let entries: ReadonlyArray<TimelineEntry> = [];
  return () => {
    if (source !== null) entries = entriesOf(source);
    source = null;
    return entries;
  };
};

const entriesKey = Symbol('entries');

// What reads through proxies, as user interfaces do to see what changes, answers with others of its own, which JavaScript
// allows only for what may change.
const changeable = { configurable: true, writable: true };

/**
 * Of all timelines: for a getter of each one's own V8 would keep a kind of objects of its own. It calls a function, for `this`
 * may be a proxy, and a proxy of an object of ours could not read its private fields.
 */
const madeWhenRead: PropertyDescriptor & ThisType<{ readonly [entriesKey]: () => ReadonlyArray<TimelineEntry> }> = {
  get() {
    return this[entriesKey]();
  },
  enumerable: true,
  configurable: true,
};

const entriesOf = ({ id, seed, policy, words, isGated, recording, end }: Source): ReadonlyArray<TimelineEntry> => {
  const entries: Array<TimelineEntry> = [];
  const workload = recording.workload();
  const gate = isGated ? recording.gate() : null;
  const again = new Instance({ id, seed, policy, workload, words, gate, listener: null, entries });
  for (const { at, after } of recording.calls) {
    again.runUntil(end, after - 1);
    again.lookAt(at);
  }
  again.runUntil(end, Number.POSITIVE_INFINITY);
  return entries;
};
