/**
 * A hypervisor that does what a script says: the outside world of a test, on the test's clock.
 *
 * It keeps the hypervisor's contract in each class of exclusion, whatever the scripts say (`blind` apart), so that what
 * a test finds is the fault of the code under test. Instances live in it, not in whoever talks to it: a controller that
 * crashes and comes back finds the runs that it left.
 *
 * How to read this. Starts and stops are written once for all classes (`act`), as two parts: what the caller's
 * process does (enter the section, check the permit) and what the host does (the effect). In class `section` both die
 * with the caller and lie in the section; in the other classes the host's part goes on whatever became of the caller.
 * Instances and runs, the processes that may die, and the scripts that wait for their calls are inside.
 *
 * @since 0.1.0
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { unlessAborted } from '../adapters/common/given-up.js';
import { createSection } from '../adapters/common/section.js';
import { permitted } from '../adapters/permitted.js';
import type { Millis } from '../duration.js';
import * as E from '../either.js';
import type { EndCause, InstanceObservation } from '../event.js';
import { pipe } from '../function.js';
import { checkOptions, type InvalidOptions, oneOf, optional, port } from '../options.js';
import type { CallSignal } from '../ports/call.js';
import type { Clock } from '../ports/clock.js';
import {
  type ActionError,
  type Exclusion,
  exclusions,
  type Failed,
  failed,
  type GuestReboot,
  guestReboots,
  type Hypervisor,
  type Permit,
  refused,
  superseded,
} from '../ports/hypervisor.js';
import type { InstanceId, Revision } from '../ports/store.js';
import type { Timestamp } from '../status.js';
import { createHolds, type Held, never } from './hold.js';
import { createInstances, type NotificationScript, type Run } from './scripted-hypervisor/instances.js';
import { createMoments, type ElapsingClock } from './scripted-hypervisor/moments.js';
import { createProcess, mortal, type Process, theHost } from './scripted-hypervisor/processes.js';
import { createScripts } from './scripted-hypervisor/scripts.js';

export type { NotificationScript, Run } from './scripted-hypervisor/instances.js';

// ---------------------------------------------------------------------------
// scripts
// ---------------------------------------------------------------------------

/**
 * Where a call can wait: before it runs the permit's check; between the check and the effect; after the effect, when
 * only the answer is missing (and the section is left). A call whose check does not pass comes to the first only.
 *
 * @since 0.1.0
 */
export type CallPoint = 'before_check' | 'before_effect' | 'after_effect';

/**
 * A wait on the hypervisor's clock. `ms` null: for ever, the call hangs.
 *
 * @since 0.1.0
 */
export interface ScriptedWait {
  readonly at: CallPoint;
  readonly ms: Millis | null;
}

/**
 * How a call ends: `done` (the default); `refused` and `failed`: nothing is done; `done_and_failed`: it is done, and the
 * answer is Failed all the same.
 *
 * @since 0.1.0
 */
export type CallOutcome = 'done' | 'refused' | 'failed' | 'done_and_failed';

/**
 * What one call does, a start or a stop.
 *
 * @since 0.1.0
 */
export interface CallScript {
  readonly outcome?: CallOutcome | undefined;
  /** Absent: nowhere. */
  readonly wait?: ScriptedWait | undefined;
  /**
   * Goes on when the permit's `signal` is aborted, where it would give up: a call that hangs until it is released, or for
   * ever. Default false.
   *
   * @since 0.2.0
   */
  readonly ignoresSignal?: boolean | undefined;
}

/**
 * What one start does. `{}` spawns a run at once and answers so.
 *
 * @since 0.1.0
 */
export interface StartScript extends CallScript {
  /** How long the new run is initializing; absent: it is running at once. */
  readonly initializingMs?: Millis | undefined;
  /**
   * The new run ends, so long after it began. An exit code of null is unknown, as after a kill. `cause` is what is
   * observed of why; absent: nothing is said.
   */
  readonly exits?:
    | { readonly afterMs: Millis; readonly exitCode: number | null; readonly cause?: EndCause | undefined }
    | undefined;
  /** Spawns beside a run that is there: a hypervisor that breaks its contract (A1), to see whether a test notices. */
  readonly blind?: boolean | undefined;
}

/**
 * What one stop does. `{}` ends the run at once and answers so.
 *
 * @since 0.1.0
 */
export interface StopScript extends CallScript {
  /** Exit code of the run that is stopped; absent or null: unknown. */
  readonly exitCode?: number | null;
  /** What is observed of why the run that is stopped ended; absent: nothing is said. */
  readonly cause?: EndCause | undefined;
  /**
   * How long the run takes to end once it was told; absent: no time. Meanwhile its state is `other`, nothing takes it
   * back, and a start waits for the end, to begin a run of its own.
   *
   * @since 0.2.0
   */
  readonly endingMs?: Millis | undefined;
}

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

/**
 * What a scripted hypervisor is made with.
 *
 * @since 0.1.0
 */
export interface ScriptedHypervisorOptions {
  /**
   * The clock that waits and observations go by: the one that the code under test has. Where it has `elapsed`, as a virtual
   * clock has, how old runs are and when scripts go on is measured by that, so that a jump of the clock changes neither.
   */
  readonly clock: Clock & { readonly elapsed?: (() => Millis) | undefined };
  /** Default `section`. */
  readonly exclusion?: Exclusion | undefined;
  /** What `capabilities` says; default `exit`. */
  readonly guestReboot?: GuestReboot | undefined;
}

/**
 * One start, stop or retag, as it was called and (later) as it was answered.
 *
 * @since 0.1.0
 */
export interface HypervisorCall {
  readonly operation: 'start' | 'stop' | 'retag';
  readonly id: InstanceId;
  /** The permit's. */
  readonly revision: Revision;
  readonly calledAt: Timestamp;
  /** `pending` as long as there is no answer; `done` for a Right; else the tag of the Left. */
  readonly answer: 'pending' | 'done' | ActionError['_tag'];
}

/**
 * A way to the hypervisor that can be cut: what a process that may crash holds.
 *
 * @since 0.1.0
 */
export interface HypervisorConnection extends Hypervisor {
  /**
   * The process at this end dies. Its calls never answer, and its listeners are not called any more. What it was inside
   * of: class `section`: the effect does not happen any more, and the section is free; other classes: a call past its
   * check is on its way, and takes effect.
   */
  readonly crash: () => void;
}

/**
 * The hypervisor, and what a test does with it. As a `Hypervisor` it is a connection that never crashes.
 *
 * A call whose permit's `signal` is aborted gives up as long as nothing is done, and answers Failed: while it waits for the
 * section (in the other classes: for its check), and in its script's `wait` before the check or the effect. What is past
 * that comes to its end; without a section, what is past its check is on its way to the host. A call that is held
 * (`hold`) goes on only when it is released, whatever the signal: so a test has a call that outlasts its deadline, and
 * lands when the test says so, or never.
 *
 * @since 0.1.0
 */
export interface ScriptedHypervisor extends Hypervisor {
  /** Another connection, for a process that may crash. */
  readonly connect: () => HypervisorConnection;

  /** What the next starts of an instance do, one each; `times` (default 1; Infinity: for good) repeats the script. */
  readonly nextStart: (id: InstanceId, script: StartScript, times?: number) => void;
  /** What all starts do that have no script of their own. */
  readonly everyStart: (script: (id: InstanceId) => StartScript) => void;
  /** As `nextStart`. */
  readonly nextStop: (id: InstanceId, script: StopScript, times?: number) => void;
  /** As `everyStart`. */
  readonly everyStop: (script: (id: InstanceId) => StopScript) => void;
  /** Lets the next `times` (default 1) inspections of an instance fail. */
  readonly failInspect: (id: InstanceId, times?: number) => void;
  /** Holds the next start or stop of an instance that comes to the point, until it is released. */
  readonly hold: (operation: 'start' | 'stop', id: InstanceId, at: CallPoint) => Held;
  /**
   * Holds the next inspection of an instance until it is released; it answers what is so by then.
   *
   * @since 0.2.0
   */
  readonly holdInspect: (id: InstanceId) => Held;

  /** The run ends, now; nothing happens when there is none. `cause` is what is observed of why; absent: nothing is said. */
  readonly exit: (id: InstanceId, exitCode: number | null, cause?: EndCause) => void;
  /** Something kills the run, now: it ends with an unknown exit code, and by default nothing is said of why. */
  readonly kill: (id: InstanceId, cause?: EndCause) => void;
  /** The host goes down, now: every run ends by the cause `host`, with an unknown exit code. What was ahead of them is off. */
  readonly endHost: () => void;
  /**
   * Changes what is observed of an instance, and notifies. `state` running or initializing begins a run where there is
   * none (at `startedAt`, or now); `stopped` ends it; everything else is taken as it is given.
   */
  readonly set: (id: InstanceId, patch: Partial<InstanceObservation>) => void;

  /**
   * What an inspection answers that nothing fails or holds.
   *
   * @since 0.2.0
   */
  readonly observation: (id: InstanceId) => InstanceObservation;

  /** How notifications are delivered from now on; what is absent is as by default. */
  readonly deliver: (script: NotificationScript) => void;
  /** Notifies without a cause. */
  readonly notify: (id: InstanceId) => void;

  /** All runs, in the order in which they began. */
  readonly runs: ReadonlyArray<Run>;
  /** Number of runs of an instance that have not ended: 0 or 1, or A1 is broken. */
  readonly running: (id: InstanceId) => number;
  /** How many runs began beside another one of the same instance: 0, or A1 is broken. */
  readonly overlaps: number;
  /** All starts, stops and retags, in the order in which they were called. */
  readonly calls: ReadonlyArray<HypervisorCall>;
}

// ---------------------------------------------------------------------------
// hypervisor
// ---------------------------------------------------------------------------

/**
 * A scripted hypervisor with no instances yet: any id can be started, and has never run before. Left: `InvalidOptions`.
 *
 * @example
 * import { right } from 'fp-ts/lib/Either.js'
 * import { createScriptedHypervisor, createVirtualClock } from 'restart-policy/testing'
 *
 * const clock = createVirtualClock(0)
 * const created = createScriptedHypervisor({ clock })
 * if (created._tag === 'Left') throw new Error(created.left.message)
 * const hypervisor = created.right
 * hypervisor.nextStart('web-1', { exits: { afterMs: 2_000, exitCode: 1 } })
 * await hypervisor.start('web-1', { revision: 1, check: async () => right(undefined) })()
 * await clock.advance(5_000)
 * assert.deepStrictEqual(await hypervisor.inspect('web-1')(), {
 *   _tag: 'Right',
 *   right: { state: 'stopped', startedAt: 0, stoppedAt: 2_000, exitCode: 1, health: 'unknown' },
 * })
 *
 * @since 0.1.0
 */
export const createScriptedHypervisor = (
  options: ScriptedHypervisorOptions,
): Either<InvalidOptions, ScriptedHypervisor> => pipe(options, checkScriptedOptions, E.map(scriptedHypervisorOf));

const checkScriptedOptions = checkOptions<CheckedOptions>({
  clock: port('a clock', 'now', 'wakeAt'),
  exclusion: optional('section', oneOf(...exclusions)),
  guestReboot: optional('exit', oneOf(...guestReboots)),
});

interface CheckedOptions {
  readonly clock: ElapsingClock;
  readonly exclusion: Exclusion;
  readonly guestReboot: GuestReboot;
}

const scriptedHypervisorOf = ({ clock, exclusion, guestReboot }: CheckedOptions): ScriptedHypervisor => {
  const capabilities = Object.freeze({ exclusion, guestReboot });
  const instances = createInstances(clock);
  const section = createSection<InstanceId>();
  const startScripts = createScripts<StartScript>({});
  const stopScripts = createScripts<StopScript>({});
  const failingInspections = new Map<InstanceId, number>();
  const holds = createHolds<HoldAt>();
  const inspectHolds = createHolds<InstanceId>();
  const moments = createMoments(clock);
  const calls: Array<Mutable<HypervisorCall>> = [];

  // -- waiting --------------------------------------------------------------

  /** Rejects with `givenUp` when the signal is aborted meanwhile, unless the call is held: then it heeds it no more. */
  const pass = async (
    at: CallPoint,
    call: HypervisorCall,
    wait: ScriptedWait | undefined,
    heed: Heed,
  ): Promise<void> => {
    const held = holds.pass((hold) => hold.operation === call.operation && hold.id === call.id && hold.at === at);
    if (held !== undefined) heed.signal = undefined;
    await held;
    if (wait?.at === at) await waitUnlessAborted(heed.signal, wait.ms === null ? never() : passing(wait.ms));
  };

  const passing = (ms: Millis) => new Promise<void>((resolve) => moments.after(ms, resolve));

  // -- the two parts of a call ----------------------------------------------

  /** The caller's part: the check, then the host's part, all in the section where there is one. */
  const act = (
    caller: Process,
    operation: 'start' | 'stop',
    id: InstanceId,
    permit: Permit,
    { outcome = 'done', wait, ignoresSignal = false }: CallScript,
    effect: () => Promise<Either<ActionError, void>>,
  ): Promise<Either<ActionError, void>> =>
    logged(caller, operation, id, permit, async (call) => {
      const heed: Heed = { signal: ignoresSignal ? undefined : permit.signal };
      const host = exclusion === 'section' ? caller : theHost;
      let passed = false;
      const carryOut = permitted(exclusion, mortal(caller, { ...permit, signal: undefined }), {
        read: () => caller.alive(pass('before_check', call, wait, heed)),
        act: async () => {
          throwIfAborted(heed.signal);
          passed = true;
          // What is past its check is on its way, where nothing of the caller holds it.
          if (exclusion !== 'section') heed.signal = undefined;
          await host.alive(pass('before_effect', call, wait, heed));
          throwIfAborted(heed.signal);
          return answerOf(operation, outcome, effect);
        },
      });
      const answer = await untilGivenUp(operation, inSection(caller, id, heed.signal, carryOut));
      if (passed) await pass('after_effect', call, wait, { signal: undefined });
      return answer;
    });

  /** Of a caller that dies inside, the section is free at once, and the answer never comes. */
  const inSection = <A>(
    caller: Process,
    id: InstanceId,
    signal: CallSignal | undefined,
    body: () => Promise<A>,
  ): Promise<A> =>
    exclusion !== 'section'
      ? body()
      : new Promise((resolve, reject) => {
          let isWaiting = true;
          const giveUp = (): void => {
            if (!isWaiting) return;
            isWaiting = false;
            reject(givenUp);
          };
          if (signal?.aborted === true) return giveUp();
          signal?.addEventListener('abort', giveUp, { once: true });
          void section(id, async () => {
            signal?.removeEventListener('abort', giveUp);
            if (!isWaiting) return;
            isWaiting = false;
            await caller.untilDeath(() => body().then(resolve, reject));
          });
        });

  const logged = async <A>(
    caller: Process,
    operation: HypervisorCall['operation'],
    id: InstanceId,
    { revision }: Permit,
    body: (call: HypervisorCall) => Promise<Either<ActionError, A>>,
  ): Promise<Either<ActionError, A>> => {
    // A dead process calls nobody.
    if (!caller.isAlive()) return never();
    const call: Mutable<HypervisorCall> = { operation, id, revision, calledAt: clock.now(), answer: 'pending' };
    calls.push(call);
    const answer = await caller.alive(body(call));
    call.answer = E.isRight(answer) ? 'done' : answer.left._tag;
    return answer;
  };

  // -- operations -----------------------------------------------------------

  const start = (caller: Process, id: InstanceId, permit: Permit) => async () => {
    const script = startScripts.take(id);
    return act(caller, 'start', id, permit, script, async () => {
      for (;;) {
        if (exclusion === 'fenced' && !instances.raiseFence(id, permit.revision)) return E.left(superseded);
        const ending = script.blind === true ? null : instances.ending(id);
        if (ending === null) break;
        await ending;
      }
      instances.begin(id, permit.revision, script);
      return E.right(undefined);
    });
  };

  const stop = (caller: Process, id: InstanceId, permit: Permit) => async () => {
    const script = stopScripts.take(id);
    return act(caller, 'stop', id, permit, script, async () => {
      if (exclusion === 'fenced') {
        instances.raiseFence(id, permit.revision);
        const tag = instances.tagOf(id);
        // A run of this revision or a later one: whoever started it came after the command to stop.
        if (tag !== null && tag >= permit.revision) return E.left(superseded);
      }
      await instances.tellToEnd(id, script.endingMs ?? 0, script.exitCode ?? null, script.cause);
      return E.right(undefined);
    });
  };

  const retag = (caller: Process, id: InstanceId, permit: Permit) => () =>
    logged<'tagged' | 'gone'>(caller, 'retag', id, permit, async () => {
      const checked = await mortal(caller, permit).check();
      if (E.isLeft(checked)) return checked;
      if (!instances.raiseFence(id, permit.revision)) return E.left(superseded);
      return E.right(instances.retag(id, permit.revision) ? 'tagged' : 'gone');
    });

  const inspect = (caller: Process, id: InstanceId) => async () => {
    if (!caller.isAlive()) return never<Either<Failed, InstanceObservation>>();
    const held = inspectHolds.pass((other) => other === id);
    if (held !== undefined) await caller.alive(held);
    const failing = failingInspections.get(id) ?? 0;
    if (failing === 0) return E.right(instances.observe(id));
    failingInspections.set(id, failing - 1);
    return E.left(failed('scripted: this inspection fails'));
  };

  const connection = (caller: Process): Hypervisor => ({
    capabilities,
    inspect: (id) => inspect(caller, id),
    start: (id, permit) => start(caller, id, permit),
    stop: (id, permit) => stop(caller, id, permit),
    subscribe: (listener) => instances.subscribe((id) => caller.isAlive() && listener(id)),
    ...(exclusion === 'fenced' ? { retag: (id: InstanceId, permit: Permit) => retag(caller, id, permit) } : {}),
  });

  // -- controls -------------------------------------------------------------

  return {
    ...connection(theHost),
    connect: () => {
      const caller = createProcess();
      return { ...connection(caller), crash: caller.crash };
    },
    nextStart: startScripts.next,
    everyStart: startScripts.every,
    nextStop: stopScripts.next,
    everyStop: stopScripts.every,
    failInspect: (id, times = 1) => void failingInspections.set(id, times),
    hold: (operation, id, at) => holds.add({ operation, id, at }),
    holdInspect: inspectHolds.add,
    exit: instances.end,
    kill: (id, cause) => instances.end(id, null, cause),
    endHost: () => {
      for (const id of instances.runningIds()) instances.end(id, null, 'host');
    },
    set: instances.set,
    observation: instances.observe,
    deliver: instances.deliver,
    notify: instances.notify,
    runs: instances.runs,
    running: instances.running,
    get overlaps() {
      return instances.overlaps();
    },
    calls,
  };
};

// ---------------------------------------------------------------------------
// giving up
// ---------------------------------------------------------------------------

/** What a call gives up by; undefined: it does not, or no more. */
interface Heed {
  signal: CallSignal | undefined;
}

/** What a call that gives up is left by. */
const givenUp = Symbol('given up');

const throwIfAborted = (signal: CallSignal | undefined): void => {
  if (signal?.aborted === true) throw givenUp;
};

const waitUnlessAborted = async (signal: CallSignal | undefined, wait: Promise<void>): Promise<void> => {
  await unlessAborted(wait, signal, undefined);
  throwIfAborted(signal);
};

const untilGivenUp = <A>(
  operation: 'start' | 'stop',
  call: Promise<Either<ActionError, A>>,
): Promise<Either<ActionError, A>> =>
  call.catch((cause: unknown) => {
    if (cause !== givenUp) throw cause;
    return E.left(failed(`scripted: this ${operation} was given up, and nothing is done`));
  });

// ---------------------------------------------------------------------------
// outcomes
// ---------------------------------------------------------------------------

const answerOf = async (
  operation: 'start' | 'stop',
  outcome: CallOutcome,
  effect: () => Promise<Either<ActionError, void>>,
): Promise<Either<ActionError, void>> => {
  switch (outcome) {
    case 'done':
      return effect();
    case 'refused':
      return E.left(refused(`scripted: this ${operation} is refused`));
    case 'failed':
      return E.left(failed(`scripted: this ${operation} fails, and nothing is done`));
    case 'done_and_failed': {
      const answer = await effect();
      return E.isLeft(answer) ? answer : E.left(failed(`scripted: this ${operation} is done, and fails`));
    }
  }
};

interface HoldAt {
  readonly operation: HypervisorCall['operation'];
  readonly id: InstanceId;
  readonly at: CallPoint;
}

type Mutable<A> = { -readonly [K in keyof A]: A[K] };
