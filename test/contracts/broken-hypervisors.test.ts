/**
 * Each hypervisor here breaks one rule, and the suite must say which: a contract suite that nothing can fail is worth
 * nothing. They are the scripted hypervisor, which keeps the contract, with one thing done wrong.
 */
import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import type { InstanceObservation } from '../../src/index.js';
import { type Exclusion, failed, type Hypervisor, neverRan, type Permit, refused } from '../../src/ports/hypervisor.js';
import {
  createScriptedHypervisor,
  createVirtualClock,
  type HypervisorUnderTest,
  hypervisorContract,
  type ScriptedHypervisor,
  type ScriptedHypervisorOptions,
  type VirtualClock,
} from '../../src/testing.js';
import { right } from '../support/either.js';
import { type Broken, failuresOf, testBroken } from './support.js';

const wrongly =
  (
    exclusion: Exclusion,
    change: (scripted: ScriptedHypervisor) => Partial<HypervisorUnderTest> | Partial<Hypervisor>,
    knownOf: (clock: VirtualClock) => ScriptedHypervisorOptions['clock'] = (clock) => clock,
  ) =>
  async (): Promise<HypervisorUnderTest> => {
    const clock = createVirtualClock();
    const scripted = right(createScriptedHypervisor({ clock: knownOf(clock), exclusion }));
    scripted.nextStart('refusing', { outcome: 'refused' }, Number.POSITIVE_INFINITY);
    const changed = change(scripted);
    return {
      hypervisor: { ...scripted, ...changed },
      id: 'web-1',
      exit: async (exitCode) => scripted.exit('web-1', exitCode, 'exit'),
      exitRange: [0, 255],
      kill: async () => scripted.kill('web-1', 'signal'),
      endHost: async () => {
        scripted.endHost();
        return scripted.connect();
      },
      slowToStop: async () => {
        scripted.nextStop('web-1', { endingMs: 1_000 });
        return () => clock.advance(1_000);
      },
      clock: { now: clock.now, step: async (byMs) => clock.jump(clock.now() + byMs) },
      countRuns: async () => scripted.running('web-1'),
      refusingStart: 'refusing',
      refuseNextStop: async () => scripted.nextStop('web-1', { outcome: 'refused' }),
      reopen: async () => scripted.connect(),
      create: async () => undefined,
      breakDown: async () => {
        scripted.failInspect('web-1', Number.POSITIVE_INFINITY);
        scripted.nextStart('web-1', { outcome: 'failed' }, Number.POSITIVE_INFINITY);
        scripted.nextStop('web-1', { outcome: 'failed' }, Number.POSITIVE_INFINITY);
      },
      patienceMs: 200,
      ...changed,
    };
  };

const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

const unchecked = (permit: Permit): Permit => ({ ...permit, check: async () => E.right(undefined) });

const withoutPuttingBack = ({ revision, check }: Permit): Permit => ({ revision, check });

const deaf = (permit: Permit): Permit => ({ ...permit, signal: undefined });

/** Answers as the call does, or that it was given up, whichever comes first. */
const orGivenUp =
  (call: (permit: Permit) => ReturnType<Hypervisor['start']>, permit: Permit): ReturnType<Hypervisor['start']> =>
  () => {
    const aborted = new Promise<void>((resolve) => {
      if (permit.signal?.aborted === true) resolve();
      permit.signal?.addEventListener('abort', () => resolve());
    });
    return Promise.race([call(deaf(permit))(), aborted.then(() => E.left(failed('given up')))]);
  };

/** A permit whose signal says nothing any more once the check has begun. */
const deafAfterCheck = ({ signal, check, ...permit }: Permit): Permit => {
  const early = new AbortController();
  let hasBegun = false;
  const abort = (): void => {
    if (!hasBegun) early.abort();
  };
  if (signal?.aborted === true) abort();
  signal?.addEventListener('abort', abort);
  return {
    ...permit,
    signal: early.signal,
    check: async () => {
      hasBegun = true;
      return check();
    },
  };
};

/** One that tells something else of an instance than what is, also when a later process asks. */
const telling = (changed: (seen: InstanceObservation) => InstanceObservation) =>
  wrongly('section', (scripted) => {
    const lying: Hypervisor = {
      ...scripted,
      inspect: (id) => async () => {
        const seen = await scripted.inspect(id)();
        return E.isLeft(seen) ? seen : E.right(changed(seen.right));
      },
    };
    return {
      inspect: lying.inspect,
      reopen: async () => lying,
      endHost: async () => {
        scripted.endHost();
        return lying;
      },
    };
  });

/** One whose service goes away, and what it does then instead of saying so. */
const withoutService = (instead: Partial<Hypervisor>) =>
  wrongly('section', (scripted) => {
    const lost = async () => E.left(failed('ECONNREFUSED'));
    let service: Pick<Hypervisor, 'inspect' | 'start' | 'stop'> = scripted;
    return {
      inspect: (id) => service.inspect(id),
      start: (id, permit) => service.start(id, permit),
      stop: (id, permit) => service.stop(id, permit),
      breakDown: async () => {
        service = { inspect: () => lost, start: () => lost, stop: () => lost, ...instead };
      },
    };
  });

/** One that knows an instance by what it makes of its id. */
const knowingBy = (nameOf: (id: string) => string) =>
  wrongly('section', (scripted) => ({
    inspect: (id) => scripted.inspect(nameOf(id)),
    start: (id, permit) => scripted.start(nameOf(id), permit),
    stop: (id, permit) => scripted.stop(nameOf(id), permit),
  }));

const rejects = async () => {
  throw new Error('ECONNREFUSED');
};

const broken: ReadonlyArray<Broken<HypervisorUnderTest>> = [
  {
    what: 'starts a second run beside the first (A1)',
    make: wrongly('section', (scripted) => {
      scripted.everyStart(() => ({ blind: true }));
      return {};
    }),
    fails: [/^A1 a start on a running instance/, /^A1 starts at the same time/],
  },
  {
    what: 'refuses to start what runs (A1)',
    make: wrongly('section', (scripted) => ({
      start: (id, permit) => async () =>
        scripted.running(id) > 0 ? E.left(failed('it runs already')) : scripted.start(id, permit)(),
    })),
    fails: [/^A1 a start on a running instance/],
  },
  {
    what: 'answers started for a run that is about to end (A1)',
    make: wrongly('section', (scripted) => ({
      start: (id, permit) => async () =>
        scripted.observation(id).state === 'other' ? permit.check() : scripted.start(id, permit)(),
    })),
    fails: [/^A1 a start that meets a stop/],
    alone: true,
  },
  {
    what: 'refuses to start what is about to end, as if it never could (A1)',
    make: wrongly('section', (scripted) => ({
      start: (id, permit) => async () =>
        scripted.observation(id).state === 'other' ? E.left(refused('it is stopping')) : scripted.start(id, permit)(),
    })),
    fails: [/^A1 a start that meets a stop/],
    alone: true,
  },
  {
    what: 'answers a stop when it has sent the signal (A2)',
    make: wrongly('section', (scripted) => ({
      stop: (id, permit) => async () => {
        const checked = await permit.check();
        if (E.isLeft(checked)) return checked;
        void later().then(() => scripted.stop(id, unchecked(permit))());
        return E.right(undefined);
      },
    })),
    fails: [/^A2 a stop answers when the run is gone/],
  },
  {
    what: 'does not find an instance to stop (A2)',
    make: wrongly('section', (scripted) => ({
      stop: (id, permit) => async () =>
        scripted.running(id) === 0 ? E.left(failed('no such process')) : scripted.stop(id, permit)(),
    })),
    fails: [/^A2 nothing to stop is a stop that is done/],
  },
  {
    what: 'leaves an instance that is still starting (A2)',
    make: wrongly('section', (scripted) => {
      let starting = false;
      return {
        start: (id, permit) => async () => {
          starting = true;
          void later().then(() => {
            starting = false;
          });
          return scripted.start(id, permit)();
        },
        stop: (id, permit) => async () => (starting ? E.right(undefined) : scripted.stop(id, permit)()),
      };
    }),
    fails: [/^A2 a stop right after a start/],
  },
  {
    what: 'forgets its runs with its process (A3)',
    make: wrongly('section', () => ({
      reopen: async () => right(createScriptedHypervisor({ clock: createVirtualClock() })),
    })),
    fails: [/^A3 a later process finds the run/],
  },
  {
    what: 'does not ask before a start (A4)',
    make: wrongly('section', (scripted) => ({ start: (id, permit) => scripted.start(id, unchecked(permit)) })),
    fails: [/^A4 a start whose check does not pass/, /^A4 nothing is started or stopped before/],
  },
  {
    what: 'does not ask before a stop (A4)',
    make: wrongly('section', (scripted) => ({ stop: (id, permit) => scripted.stop(id, unchecked(permit)) })),
    fails: [/^A4 a stop whose check does not pass/],
  },
  {
    what: 'answers started when the check did not pass (A4)',
    make: wrongly('section', (scripted) => ({
      start: (id, permit) => async () => {
        const answer = await scripted.start(id, permit)();
        return E.isLeft(answer) && answer.left._tag === 'Superseded' ? E.right(undefined) : answer;
      },
    })),
    fails: [/^A4 a start whose check does not pass/],
  },
  {
    what: 'takes a store that does not answer for a yes (A4)',
    make: wrongly('section', (scripted) => ({
      stop: (id, permit) =>
        scripted.stop(id, {
          ...permit,
          check: async () => {
            const checked = await permit.check();
            return E.isLeft(checked) && checked.left._tag === 'StoreFailed' ? E.right(undefined) : checked;
          },
        }),
    })),
    fails: [/^A4 a stop whose check does not pass/],
  },
  {
    what: 'asks after the start (A4)',
    make: wrongly('section', (scripted) => ({
      start: (id, permit) => async () => {
        const started = await scripted.start(id, unchecked(permit))();
        const checked = await permit.check();
        return E.isLeft(checked) ? checked : started;
      },
    })),
    fails: [/^A4 nothing is started or stopped before the check has passed/],
  },
  {
    what: 'has fences and no way to retag (A5)',
    make: wrongly('section', () => ({ capabilities: { exclusion: 'fenced', guestReboot: 'exit' } })),
    fails: [/^A5 the capabilities/],
  },
  {
    what: 'has a section around the check, and the effect outside (section)',
    make: wrongly('none', (scripted) => {
      const inside = right(createScriptedHypervisor({ clock: createVirtualClock() }));
      return {
        capabilities: { exclusion: 'section', guestReboot: 'exit' },
        start: (id, permit) => async () => {
          const checked = await inside.start('section', permit)();
          if (E.isLeft(checked)) return checked;
          await later();
          return scripted.start(id, unchecked(permit))();
        },
        stop: (id, permit) => async () => {
          const checked = await inside.stop('section', permit)();
          return E.isLeft(checked) ? checked : scripted.stop(id, unchecked(permit))();
        },
      };
    }),
    fails: [/^section: the effect lies in it too/],
  },
  {
    what: 'says that it has a section, and has none (section)',
    make: wrongly('none', () => ({ capabilities: { exclusion: 'section', guestReboot: 'exit' } })),
    fails: [/^section: while the check of one call runs/],
  },
  {
    what: 'puts a refused call back outside the section (section)',
    make: wrongly('section', (scripted) => {
      const outside =
        (call: Hypervisor['start']): Hypervisor['start'] =>
        (id, permit) =>
        async () => {
          const answer = await call(id, withoutPuttingBack(permit))();
          if (E.isLeft(answer) && answer.left._tag === 'Refused') await permit.onRefused?.();
          return answer;
        };
      return { start: outside(scripted.start), stop: outside(scripted.stop) };
    }),
    fails: [/^section: what puts a refused start back/, /^section: what puts a refused stop back/],
  },
  {
    what: 'does not put a refused call back (section)',
    make: wrongly('section', (scripted) => ({ stop: (id, permit) => scripted.stop(id, withoutPuttingBack(permit)) })),
    fails: [/^section: what puts a refused stop back/],
  },
  {
    what: 'puts back what was not refused',
    make: wrongly('section', (scripted) => ({
      start: (id, permit) => async () => {
        const answer = await scripted.start(id, permit)();
        if (E.isLeft(answer)) await permit.onRefused?.();
        return answer;
      },
    })),
    fails: [/^A4 onRefused does not run/],
  },
  {
    what: 'puts a refused call back without a section',
    make: wrongly('none', (scripted) => ({
      start: (id, permit) => async () => {
        const answer = await scripted.start(id, permit)();
        if (E.isLeft(answer) && answer.left._tag === 'Refused') await permit.onRefused?.();
        return answer;
      },
    })),
    fails: [/^no section: what puts a refused start back/],
  },
  {
    what: 'waits for the section, though nobody waits for it (section)',
    make: wrongly('section', (scripted) => ({
      start: (id, permit) => scripted.start(id, deaf(permit)),
      stop: (id, permit) => scripted.stop(id, deaf(permit)),
    })),
    fails: [/^section: a start given up while/, /^section: a stop given up while/, /^section: a call that is given up/],
    alone: true,
  },
  {
    what: 'answers that a start was given up, and starts when it has the section (section)',
    make: wrongly('section', (scripted) => ({
      start: (id, permit) => orGivenUp((deaf) => scripted.start(id, deaf), permit),
    })),
    fails: [
      /^section: a start given up while/,
      /^section: a call that is given up/,
      /^section: nothing comes of a start/,
    ],
    alone: true,
  },
  {
    what: 'answers that a stop was given up, and stops when it has the section (section)',
    make: wrongly('section', (scripted) => ({
      stop: (id, permit) => orGivenUp((deaf) => scripted.stop(id, deaf), permit),
    })),
    fails: [
      /^section: a stop given up while/,
      /^section: a call that is given up/,
      /^section: nothing comes of a stop/,
    ],
    alone: true,
  },
  {
    what: 'answers a start that was given up past its check, and starts all the same (section)',
    make: wrongly('section', (scripted) => ({
      start: (id, permit) => orGivenUp(() => scripted.start(id, deafAfterCheck(permit)), permit),
    })),
    fails: [/^section: nothing comes of a start/],
    alone: true,
  },
  {
    what: 'answers a stop that was given up past its check, and stops all the same (section)',
    make: wrongly('section', (scripted) => ({
      stop: (id, permit) => orGivenUp(() => scripted.stop(id, deafAfterCheck(permit)), permit),
    })),
    fails: [/^section: nothing comes of a stop/],
    alone: true,
  },
  {
    what: 'answers that what was given up is refused, so that it is put back (section)',
    make: wrongly('section', (scripted) => ({
      stop: (id, permit) => async () =>
        permit.signal?.aborted === true ? E.left(refused('given up')) : scripted.stop(id, permit)(),
    })),
    fails: [/^section: a call that is given up/],
    alone: true,
  },
  {
    what: 'throws at whoever gives up (no section)',
    make: wrongly('none', (scripted) => ({
      stop: (id, permit) => async () => {
        if (permit.signal?.aborted === true) throw new Error('AbortError');
        return scripted.stop(id, permit)();
      },
    })),
    fails: [/^no section: a call that is given up/],
    alone: true,
  },
  {
    what: 'dates its runs once, by a clock that is set (A6)',
    make: wrongly(
      'section',
      () => ({}),
      ({ now, wakeAt }) => ({ now, wakeAt }),
    ),
    fails: [/^A6 a step of the clock does not age/, /^A6 a step of the clock makes no run/],
    alone: true,
  },
  {
    what: 'dates the ends of its runs by a clock that is set (A6)',
    make: wrongly('section', (scripted) => {
      const ends = new Map<number, number | null>();
      return {
        inspect: (id) => async () => {
          const seen = await scripted.inspect(id)();
          if (E.isLeft(seen) || seen.right.stoppedAt === null) return seen;
          const run = scripted.runs.length;
          if (!ends.has(run)) ends.set(run, seen.right.stoppedAt);
          return E.right({ ...seen.right, stoppedAt: ends.get(run) ?? null });
        },
      };
    }),
    fails: [/^A6 a step of the clock makes no run/],
    alone: true,
  },
  {
    what: 'keeps its fence in its memory (fenced)',
    make: wrongly('fenced', () => ({
      reopen: async () => right(createScriptedHypervisor({ clock: createVirtualClock(), exclusion: 'fenced' })),
    })),
    fails: [/^fenced: a later process finds the fence/],
  },
  {
    what: 'has no fence where it says so (fenced)',
    make: wrongly('none', () => ({
      capabilities: { exclusion: 'fenced', guestReboot: 'exit' },
      retag: () => async () => E.right('tagged' as const),
    })),
    fails: [/^fenced: a start below/, /^fenced: a stop ends only/, /^fenced: a start of what runs/, /^fenced: a retag/],
  },
  {
    what: 'does not take a run over (fenced)',
    make: wrongly('fenced', (scripted) => ({
      start: (id, permit) => async () => (scripted.running(id) > 0 ? E.right(undefined) : scripted.start(id, permit)()),
    })),
    fails: [/^fenced: a start of what runs takes it over/],
  },
  {
    what: 'starts when it is built',
    make: wrongly('section', (scripted) => ({
      start: (id, permit) => {
        const done = scripted.start(id, permit)();
        return () => done;
      },
    })),
    fails: [/^inspect: a start that is built and not run/],
  },
  {
    what: 'takes an instance that it does not know for an error',
    make: wrongly('section', (scripted) => ({
      inspect: (id) => async () => (id === 'web-1' ? scripted.inspect(id)() : E.left(failed('no such instance'))),
    })),
    fails: [/^inspect: an instance that never ran/],
  },
  {
    what: 'loses exit codes',
    make: wrongly('section', (scripted) => ({
      inspect: (id) => async () => {
        const seen = await scripted.inspect(id)();
        return E.isLeft(seen) ? seen : E.right({ ...seen.right, exitCode: null });
      },
    })),
    fails: [/^inspect: a run has a beginning/, /^cause: an exit code is told/],
  },
  {
    what: 'takes an exit code above 128 for a signal (cause)',
    make: telling((seen) => ((seen.exitCode ?? 0) > 128 ? { ...seen, exitCode: null, cause: 'signal' } : seen)),
    fails: [/^cause: an exit code is told as it is/],
    alone: true,
  },
  {
    what: 'says signal beside the exit code that a shell gave for it (cause)',
    make: telling((seen) => ((seen.exitCode ?? 0) > 128 ? { ...seen, cause: 'signal' } : seen)),
    fails: [/^cause: an exit code is told as it is/],
    alone: true,
  },
  {
    what: 'keeps one bit less than an exit code has (cause)',
    make: telling((seen) => (seen.exitCode === null ? seen : { ...seen, exitCode: seen.exitCode % 128 })),
    fails: [/^cause: an exit code is told as it is/],
    alone: true,
  },
  {
    what: 'makes an exit code of a signal, as a shell does (cause)',
    make: telling((seen) => (seen.cause === 'signal' ? { ...seen, exitCode: 137, cause: 'exit' } : seen)),
    fails: [/^cause: a run that a signal ended/],
    alone: true,
  },
  {
    what: 'says that what was killed exited, with no code (cause)',
    make: telling((seen) => (seen.cause === 'signal' ? { ...seen, cause: 'exit' } : seen)),
    fails: [/^cause: a run that a signal ended/],
    alone: true,
  },
  {
    what: 'takes every end of its host for a signal (cause)',
    make: telling((seen) => (seen.cause === 'host' ? { ...seen, cause: 'signal' } : seen)),
    fails: [/^cause: a run that its host ended/],
    alone: true,
  },
  {
    what: 'says that what was stopped exited, with no code (cause)',
    make: telling((seen) => {
      const hasEnded = seen.state === 'stopped' && seen.startedAt !== null;
      return hasEnded && seen.cause === undefined ? { ...seen, cause: 'exit' } : seen;
    }),
    fails: [/^cause: a run that goes on has none/],
    alone: true,
  },
  {
    what: 'takes what ended before its time for the work of its host (cause)',
    make: wrongly('section', (scripted) => {
      const reopen = async (): Promise<Hypervisor> => ({
        ...scripted,
        inspect: (id) => async () => {
          const seen = await scripted.inspect(id)();
          if (E.isLeft(seen) || seen.right.startedAt === null) return seen;
          return E.right({ ...seen.right, stoppedAt: null, exitCode: null, cause: 'host' });
        },
      });
      return { reopen };
    }),
    fails: [/^cause: a later process tells an end/],
  },
  {
    what: 'keeps why a run ended in its memory (cause)',
    make: wrongly('section', (scripted) => {
      const reopen = async (): Promise<Hypervisor> => ({
        ...scripted,
        inspect: (id) => async () => {
          const seen = await scripted.inspect(id)();
          if (E.isLeft(seen)) return seen;
          const { cause: _, ...forgotten } = seen.right;
          return E.right(forgotten);
        },
      });
      return { reopen };
    }),
    fails: [/^cause: a later process tells an end/],
    alone: true,
  },
  {
    what: 'tells the cause of the last end while the next run goes on (cause)',
    make: wrongly('section', (scripted) => {
      let last: InstanceObservation['cause'];
      return {
        inspect: (id) => async () => {
          const seen = await scripted.inspect(id)();
          if (E.isLeft(seen)) return seen;
          last = seen.right.cause ?? last;
          return E.right(last === undefined ? seen.right : { ...seen.right, cause: last });
        },
      };
    }),
    fails: [/^cause: a run that goes on has none/],
    alone: true,
  },
  {
    what: 'throws',
    make: wrongly('section', () => ({
      stop: () => async () => {
        throw new Error('ESRCH');
      },
    })),
    fails: [/^A2 nothing to stop/],
  },
  {
    what: 'never answers',
    make: wrongly('section', () => ({ stop: () => () => new Promise(() => undefined) })),
    fails: [/^A2 nothing to stop/],
  },
  ...[
    { what: 'rejects an inspection', instead: { inspect: () => rejects } },
    { what: 'rejects a start', instead: { start: () => rejects } },
    { what: 'rejects a stop', instead: { stop: () => rejects } },
    {
      what: 'throws at whoever asks for a start',
      instead: {
        start: () => {
          throw new Error('ECONNREFUSED');
        },
      },
    },
    { what: 'takes every instance for one that never ran', instead: { inspect: () => async () => E.right(neverRan) } },
    { what: 'answers that it has stopped', instead: { stop: () => async () => E.right(undefined) } },
  ].map(({ what, instead }) => ({
    what: `${what} when its service is gone (faults)`,
    make: withoutService(instead),
    fails: [/^faults: what cannot be done/],
    alone: true as const,
  })),
  {
    what: 'cuts ids to what names of files hold (ids)',
    make: knowingBy((id) => id.slice(0, 255)),
    fails: [/^ids: any text/],
    alone: true,
  },
  {
    what: 'folds the case of ids (ids)',
    make: knowingBy((id) => id.toLowerCase()),
    fails: [/^ids: any text/],
    alone: true,
  },
  {
    what: 'writes ids down in UTF-8, which has no half of a surrogate pair (A7)',
    make: knowingBy((id) => Buffer.from(id, 'utf8').toString('utf8')),
    fails: [/^A7 ids/],
    alone: true,
  },
  {
    what: 'ends ids at a NUL, as C does (A7)',
    make: knowingBy((id) => id.split('\0')[0] ?? ''),
    fails: [/^A7 ids/],
    alone: true,
  },
  {
    what: 'stops an instance by what a path makes of its id (A7)',
    make: wrongly('section', (scripted) => ({ stop: (id, permit) => scripted.stop(id.replace(/^\.\//, ''), permit) })),
    fails: [/^A7 ids/],
    alone: true,
  },
  {
    what: 'refuses an id that it cannot write down, and does not name it (A7)',
    make: wrongly('section', (scripted) => ({
      start: (id, permit) => async () =>
        id.includes('\0') ? E.left(refused('ERR_INVALID_ARG_VALUE')) : scripted.start(id, permit)(),
    })),
    fails: [/^A7 ids/],
    alone: true,
  },
  {
    what: 'cannot inspect an id that is too long for a name in hexadecimal (ids)',
    make: wrongly('section', (scripted) => ({
      inspect: (id) => async () =>
        Buffer.from(id).length > 127 ? E.left(failed('ENAMETOOLONG')) : scripted.inspect(id)(),
    })),
    fails: [/^ids: any text/],
    alone: true,
  },
  {
    what: 'fails to start an id that it cannot write down, where it should refuse to (ids)',
    make: wrongly('section', (scripted) => ({
      start: (id, permit) => async () =>
        id.length > 127 ? E.left(failed('ENAMETOOLONG')) : scripted.start(id, permit)(),
    })),
    fails: [/^ids: any text/],
    alone: true,
  },
  {
    what: 'notifies nobody of exits',
    make: wrongly('section', (scripted) => {
      scripted.deliver({ copies: 0 });
      return {};
    }),
    fails: [/^subscribe: the end of a run is notified/],
  },
  {
    what: 'goes on notifying who has gone',
    make: wrongly('section', (scripted) => ({
      subscribe: (listener) => {
        scripted.subscribe(listener);
        return () => undefined;
      },
    })),
    fails: [/^subscribe: one listener goes/],
  },
];

test('a hypervisor that refuses the ids that it cannot keep is not broken', async () => {
  const refusing = wrongly('section', (scripted) => ({
    start: (id, permit) => async () => (id.length > 127 ? E.left(refused('too long')) : scripted.start(id, permit)()),
  }));
  expect(await failuresOf(hypervisorContract(refusing))).toEqual(new Map());
});

test('the hypervisor that the broken ones are made from is not broken', async () => {
  expect(await failuresOf(hypervisorContract(wrongly('section', () => ({}))))).toEqual(new Map());
});

describe('a hypervisor is found out that', () => testBroken('hypervisor', hypervisorContract, broken));
