/**
 * How a simulation's time was spent, added up while it goes on.
 */
import type { Millis } from '../duration.js';
import type { Timestamp } from '../status.js';
import { type Phase, phaseAfter, type Summary, type TimelineEntry } from './timeline.js';

/** Told of what is summed up of a whole fleet. */
export interface Listener {
  /** Of each automatic attempt. */
  readonly attempt: (at: Timestamp) => void;
  /** Of each span in which it was not up. */
  readonly outage: (length: Millis) => void;
}

export class Tally {
  readonly #from: Timestamp;
  readonly #listener: Listener | null;
  // Not in an object by phase: to find a field by a name that varies takes as long as half a decision.
  #uptime: Millis = 0;
  #booting: Millis = 0;
  #waiting: Millis = 0;
  #blocked: Millis = 0;
  #done: Millis = 0;
  #attempts = 0;
  #blockedAt: Timestamp | null = null;
  #longestOutage: Millis = 0;
  /** Since when it is not up; where it is up, until when that is known. */
  #downSince: Timestamp;

  constructor(from: Timestamp, listener: Listener | null) {
    this.#from = from;
    this.#downSince = from;
    this.#listener = listener;
  }

  countAttempt(at: Timestamp): void {
    this.#attempts++;
    this.#listener?.attempt(at);
  }

  /** The limit is reached. */
  reachLimit(at: Timestamp): void {
    this.#blockedAt ??= at;
  }

  /** In the order of time, without a gap: what it was in between two moments. */
  spend(from: Timestamp, until: Timestamp, phase: Phase): void {
    const length = until - from;
    switch (phase) {
      case 'uptime':
        this.#uptime += length;
        this.#endOutage(from);
        this.#downSince = until;
        return;
      case 'booting':
        this.#booting += length;
        return;
      case 'waiting':
        this.#waiting += length;
        return;
      case 'blocked':
        this.#blocked += length;
        return;
      case 'done':
        this.#done += length;
    }
  }

  /** The summary of a simulation that ends at that moment. Once: nothing is added after it. */
  endAt(end: Timestamp): Summary {
    this.#endOutage(end);
    const span = end - this.#from;
    return {
      for: span,
      uptime: this.#uptime,
      booting: this.#booting,
      waiting: this.#waiting,
      blocked: this.#blocked,
      done: this.#done,
      attempts: this.#attempts,
      availability: this.#uptime / span,
      blockedAt: this.#blockedAt,
      longestOutage: this.#longestOutage,
    };
  }

  #endOutage(at: Timestamp): void {
    const length = at - this.#downSince;
    if (length === 0) return;
    if (length > this.#longestOutage) this.#longestOutage = length;
    this.#listener?.outage(length);
  }
}

/** The summary of entries that come from elsewhere, of one at least. */
export const summaryOf = (entries: ReadonlyArray<TimelineEntry>, end: Timestamp): Summary => {
  const tally = new Tally(entries[0]?.at ?? end, null);
  for (const [index, entry] of entries.entries()) {
    const { at, status, action } = entry;
    const until = entries[index + 1]?.at ?? end;
    if (action !== null) tally.countAttempt(at);
    if (status.blockedReason === 'max_attempts_exceeded') tally.reachLimit(at);
    if (until > at) tally.spend(at, until, phaseAfter(entry));
  }
  return tally.endAt(end);
};
