/**
 * Hangs: calls of a port that do not answer in time. The driver draws them from its seed and tells the host, whose ports
 * then hang (`fixtures/hanging-ports.ts`).
 */
import type { Random } from './random.js';

/** What a controller of this test waits for the answer to each call, in milliseconds. */
export const deadlines = { store: 100, inspect: 100, start: 250, stop: 400 } as const;

/** Every call that may hang, and the deadline that it outlasts. */
const deadlineOf = {
  load: deadlines.store,
  save: deadlines.store,
  remove: deadlines.store,
  inspect: deadlines.inspect,
  start: deadlines.start,
  stop: deadlines.stop,
} as const;

export type HangingCall = keyof typeof deadlineOf;

/** The next call of that kind for the instance hangs. */
export interface Hang {
  readonly number: number;
  readonly call: HangingCall;
  readonly id: string;
  /**
   * Where it stands: before anything is done, outside the section; inside the section between the permit's check and the
   * effect (for a store or an inspection: before the effect as well); or when all is done but the answer.
   */
  readonly at: 'before' | 'after_check' | 'before_answer';
  /** Whether the call heeds its signal, and so ends when it is given up. */
  readonly heeds: boolean;
  /** How long it hangs, in milliseconds; null: until it is released, or its host is killed. */
  readonly ms: number | null;
}

/**
 * How a call ended that hung: before its deadline; given up, because it heeds its signal; or after its deadline. `late` had
 * its effect by then, `void` has none: what it was asked for was no longer allowed, or went wrong.
 */
export type Landing = 'in_time' | 'given_up' | 'late' | 'void';

export const nextHang = (random: Random, number: number, id: string): Hang => {
  // Those that keep a section, or leave a word in the dark, are the ones that can do harm.
  const call = random.pick([
    'start',
    'start',
    'start',
    'stop',
    'stop',
    'save',
    'save',
    'load',
    'inspect',
    'remove',
  ] as const);
  const deadline = deadlineOf[call];
  return {
    number,
    call,
    id,
    at: random.pick(['before', 'after_check', 'after_check', 'before_answer'] as const),
    heeds: random.chance(0.25),
    ms: random.chance(0.5) ? null : random.between(0, 3 * deadline),
  };
};

// ---------------------------------------------------------------------------
// figures
// ---------------------------------------------------------------------------

/** What became of the hangs of one call. The rest of those that hung did so until their host was killed. */
export interface HangTally {
  /** That the host was told to make. */
  told: number;
  /** That a call came to. */
  hung: number;
  readonly landed: Record<Landing, number>;
}

export interface HangTallies {
  readonly told: (hang: Hang) => void;
  readonly hung: (number: number) => void;
  readonly landed: (number: number, how: Landing) => void;
  /** The host has died, and with it whatever hung. */
  readonly hostDied: () => void;
  /** What hangs at the moment. */
  readonly standing: () => ReadonlyArray<Hang>;
  readonly byCall: () => ReadonlyMap<HangingCall, Readonly<HangTally>>;
}

export const createHangTallies = (): HangTallies => {
  const told = new Map<number, Hang>();
  const standing = new Set<number>();
  const tallies = new Map<HangingCall, HangTally>();

  const tallyOf = (number: number): HangTally | undefined => {
    const hang = told.get(number);
    return hang === undefined ? undefined : tallies.get(hang.call);
  };

  return {
    told: (hang) => {
      const { number, call } = hang;
      told.set(number, hang);
      const tally = tallies.get(call) ?? { told: 0, hung: 0, landed: { in_time: 0, given_up: 0, late: 0, void: 0 } };
      tallies.set(call, tally);
      tally.told++;
    },
    hung: (number) => {
      standing.add(number);
      const tally = tallyOf(number);
      if (tally !== undefined) tally.hung++;
    },
    landed: (number, how) => {
      standing.delete(number);
      const tally = tallyOf(number);
      if (tally !== undefined) tally.landed[how]++;
    },
    hostDied: () => {
      told.clear();
      standing.clear();
    },
    standing: () => [...told.values()].filter(({ number }) => standing.has(number)),
    byCall: () => tallies,
  };
};

/** How many took effect after their deadline. Without one, a run has shown nothing of what lands late. */
export const landedLate = (tallies: ReadonlyMap<HangingCall, Readonly<HangTally>>): number =>
  [...tallies.values()].reduce((sum, { landed }) => sum + landed.late, 0);
