/**
 * The processes of a scripted hypervisor: who lives, and what a death takes along.
 */
import type { Permit } from '../../ports/hypervisor.js';
import { never } from '../hold.js';

export interface Process {
  readonly isAlive: () => boolean;
  /** Goes on with a result only if this process still lives by then. */
  readonly alive: <A>(result: Promise<A>) => Promise<A>;
  /** Answers when `work` has ended, or at its death; one that is dead does not begin it. Never rejects. */
  readonly untilDeath: (work: () => Promise<void>) => Promise<void>;
  readonly crash: () => void;
}

export const createProcess = (): Process => {
  const inside = new Set<() => void>();
  let dead = false;
  return {
    isAlive: () => !dead,
    alive: async (result) => {
      const value = await result;
      return dead ? never() : value;
    },
    untilDeath: async (work) => {
      if (dead) return;
      await new Promise<void>((leave) => {
        inside.add(leave);
        const end = (): void => {
          inside.delete(leave);
          leave();
        };
        work().then(end, end);
      });
    },
    crash: () => {
      dead = true;
      for (const leave of inside) leave();
      inside.clear();
    },
  };
};

/** The permit in the hands of a process: its check and what puts back do not go on after its death. */
export const mortal = (caller: Process, { check, onRefused, ...permit }: Permit): Permit => ({
  ...permit,
  check: () => caller.alive(check()),
  ...(onRefused === undefined ? {} : { onRefused: () => caller.alive(onRefused()) }),
});

/** The host outlives every test. */
export const theHost: Process = createProcess();
