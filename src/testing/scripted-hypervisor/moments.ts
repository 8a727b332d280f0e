/**
 * Moments of runs, kept in time that nobody sets and told by the clock as it stands (A6): so a clock that is set neither
 * ages a run nor makes it younger.
 */
import type { Millis } from '../../duration.js';
import type { InstanceObservation } from '../../event.js';
import type { Cancel, Clock } from '../../ports/clock.js';
import type { Timestamp } from '../../status.js';

/** A clock, and the time that has passed by it whatever it was set to. Absent: nobody sets it. */
export interface ElapsingClock extends Clock {
  readonly elapsed?: (() => Millis) | undefined;
}

/** Milliseconds of elapsed time; before the clock was made, negative. */
export type Moment = number;

export interface Moments {
  readonly here: () => Moment;
  /** A moment by the clock as it stands. */
  readonly told: (moment: Moment) => Timestamp;
  /** The moment that the clock, as it stands, means by a time. */
  readonly meant: (at: Timestamp) => Moment;
  /** Calls back once so much time has passed, whatever the clock is set to meanwhile. */
  readonly after: (ms: Millis, callback: () => void) => Cancel;
}

export const createMoments = (clock: ElapsingClock): Moments => {
  const here = clock.elapsed ?? clock.now;
  // Read once for both, or a clock without elapsed time could go on between.
  const lead = (): Millis => (clock.elapsed === undefined ? 0 : clock.now() - clock.elapsed());
  return {
    here,
    told: (moment) => moment + lead(),
    meant: (at) => at - lead(),
    after: (ms, callback) => {
      const due = here() + ms;
      let cancel: Cancel = () => undefined;
      // A clock that leaps forward wakes too early; one without elapsed time wakes when it may.
      const isEarly = (): boolean => clock.elapsed !== undefined && here() < due;
      const wait = (): void => {
        cancel = clock.wakeAt(clock.now() + (due - here()), () => (isEarly() ? wait() : callback()));
      };
      wait();
      return () => cancel();
    },
  };
};

/** The times of an observation, each by itself. */
export const withTimes = <S extends Partial<InstanceObservation>>(seen: S, change: (time: number) => number): S => ({
  ...seen,
  ...(typeof seen.startedAt === 'number' ? { startedAt: change(seen.startedAt) } : {}),
  ...(typeof seen.stoppedAt === 'number' ? { stoppedAt: change(seen.stoppedAt) } : {}),
});
