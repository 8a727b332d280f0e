/**
 * How a simulation's time was spent, added up while its entries are made: to fetch all of them from memory again would take longer.
 */
import type { Millis } from '../duration.js';
import type { Timestamp } from '../status.js';
import { phaseOf, type Summary, type TimelineEntry } from './timeline.js';

export class Tally {
  readonly #onOutage: ((length: Millis) => void) | null;
  // Not in an object by phase: to find a field by a name that varies takes as long as half a decision.
  #uptime: Millis = 0;
  #booting: Millis = 0;
  #waiting: Millis = 0;
  #blocked: Millis = 0;
  #done: Millis = 0;
  #attempts = 0;
  #blockedAt: Timestamp | null = null;
  #longestOutage: Millis = 0;
  #from: Timestamp = 0;
  /** What it is in, and since when. */
  #last: TimelineEntry | null = null;
  /** Since when it is not up; where it is up, until when that is known. */
  #downSince: Timestamp = 0;

  /** `onOutage` is told of each span in which it was not up. */
  constructor(onOutage: ((length: Millis) => void) | null) {
    this.#onOutage = onOutage;
  }

  /** In the order of time; the simulation begins with the first one. */
  add(entry: TimelineEntry): void {
    const { at, action, status } = entry;
    if (this.#last === null) {
      this.#from = at;
      this.#downSince = at;
    } else {
      this.#spendUntil(at, this.#last);
    }
    this.#last = entry;
    if (action !== null) this.#attempts++;
    if (this.#blockedAt === null && status.blockedReason === 'max_attempts_exceeded') this.#blockedAt = at;
  }

  /** The summary of a simulation that ends at that moment. Once: nothing is added after it. */
  endAt(end: Timestamp): Summary {
    if (this.#last !== null) this.#spendUntil(end, this.#last);
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

  #spendUntil(until: Timestamp, last: TimelineEntry): void {
    const length = until - last.at;
    if (length === 0) return;
    switch (phaseOf(last)) {
      case 'uptime':
        this.#uptime += length;
        this.#endOutage(last.at);
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

  #endOutage(at: Timestamp): void {
    const length = at - this.#downSince;
    if (length === 0) return;
    if (length > this.#longestOutage) this.#longestOutage = length;
    this.#onOutage?.(length);
  }
}
