/**
 * The options of a controller, and what they must be.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { filterOrElse, left } from '../either.js';
import { pipe } from '../function.js';
import {
  aFunction,
  checkOptions,
  type InvalidOptions,
  millis,
  millisOrInfinity,
  numberBetween,
  type OptionCheck,
  optional,
  optionsWithin,
  port,
  wholeNumber,
} from '../options.js';
import type { Clock } from '../ports/clock.js';
import { exclusions, type Hypervisor } from '../ports/hypervisor.js';
import type { Leases } from '../ports/leases.js';
import type { Store } from '../ports/store.js';
import { describeValue } from '../quote.js';
import type { Check } from '../validation.js';
import type { AdmissionOptions } from './admission.js';
import type { CommandRecord } from './command-record.js';
import type { DecisionRecord, Fault } from './context.js';
import { type DeadlineOptions, type Deadlines, defaultDeadlines } from './deadlines.js';

/**
 * What a host plugs in, and what it wants to be notified of.
 *
 * @since 0.1.0
 */
export interface ControllerOptions {
  readonly store: Store;
  readonly hypervisor: Hypervisor;
  readonly clock: Clock;
  /**
   * Which instances are this controller's, where several share a store: it decides and acts by itself only for those
   * whose lease it holds. A person's command is carried out by the controller that it is given to. The controller closes
   * the leases. Default none: every instance is its own.
   *
   * @since 0.2.0
   */
  readonly leases?: Leases | undefined;
  /**
   * How many instances are reconciled at a time: a whole number from 1. Default 16. One that takes longer than a second
   * no longer counts when others wait: what hangs, or boots slowly, holds them up for that second (a thousand that hang at
   * once: for a minute), and then nobody. For a limit on starts take `starts`.
   */
  readonly concurrency?: number | undefined;
  /**
   * All instances are reconciled every so many milliseconds, whatever was notified. Above 0 and finite: a notification
   * that was lost is made up for by nothing else. Default 60,000.
   */
  readonly resyncEvery?: number | undefined;
  /**
   * How many automatic attempts may begin, so that a host that comes back is not brought down by all its instances at once.
   * Default: no limit. A limit is this controller's own.
   *
   * @since 0.2.0
   */
  readonly starts?: AdmissionOptions | undefined;
  /**
   * How long a call of each port may take. No call that hangs holds up an instance for longer, nor any other instance.
   *
   * @since 0.2.0
   */
  readonly deadlines?: DeadlineOptions | undefined;
  /** Called with every decision, quiet ones too. What it throws is swallowed. */
  readonly onDecision?: ((decision: DecisionRecord) => void) | undefined;
  /**
   * Called with every command of a person when it is answered. What it throws is swallowed. One that the controller did not take
   * because it had closed is not among them.
   *
   * @since 0.2.0
   */
  readonly onCommand?: ((command: CommandRecord) => void) | undefined;
  /** Called with whatever did not work. What it throws is swallowed. */
  readonly onFault?: ((fault: Fault) => void) | undefined;
}

/** The options with their defaults. */
export interface CompleteOptions extends ControllerOptions {
  readonly leases: Leases | undefined;
  readonly concurrency: number;
  readonly resyncEvery: number;
  readonly starts: AdmissionOptions | undefined;
  readonly deadlines: Deadlines;
  readonly onDecision: (decision: DecisionRecord) => void;
  readonly onCommand: (command: CommandRecord) => void;
  readonly onFault: (fault: Fault) => void;
}

/** A port with a function of this name, or with none. */
const mayHave = <P extends object>(name: keyof P & string) =>
  filterOrElse(
    (given: P) => given[name] === undefined || typeof given[name] === 'function',
    (given: P) => `must have a function as ${name}, or none, not ${describeValue(given[name])}`,
  );

const aStore: Check<Store> = (u) =>
  pipe(
    u,
    port<Store>('a store', 'load', 'save', 'list', 'remove'),
    mayHave<Store>('subscribe'),
    mayHave<Store>('listRecords'),
  );

const aHypervisor: Check<Hypervisor> = (u) =>
  pipe(
    u,
    port<Hypervisor>('a hypervisor', 'inspect', 'start', 'stop', 'subscribe'),
    filterOrElse(
      ({ capabilities }) => exclusions.includes(capabilities?.exclusion),
      ({ capabilities }) =>
        `must have one of ${exclusions.join(', ')} as capabilities.exclusion, not ${describeValue(capabilities?.exclusion)}`,
    ),
    mayHave<Hypervisor>('onFault'),
    mayHave<Hypervisor>('retag'),
    filterOrElse(
      ({ capabilities, retag }) => retag !== undefined || capabilities.exclusion !== 'fenced',
      () => 'must have retag, for its capabilities.exclusion is fenced',
    ),
  );

const someStarts: OptionCheck<AdmissionOptions> = (u) => {
  // The check of one option sees no other.
  const burst: OptionCheck<number | undefined> = (given) =>
    given !== undefined && (u as AdmissionOptions).perSecond === undefined
      ? left('needs perSecond')
      : optional(undefined, wholeNumber(1, 1_000_000))(given);
  return optionsWithin<AdmissionOptions>({
    inFlight: optional(undefined, wholeNumber(1)),
    perSecond: optional(undefined, numberBetween(0.000_001, 1_000_000)),
    burst,
    priority: optional(undefined, aFunction()),
  })(u);
};

const someDeadlines = optionsWithin<Deadlines>({
  store: optional(defaultDeadlines.store, millisOrInfinity()),
  leases: optional(defaultDeadlines.leases, millisOrInfinity()),
  inspect: optional(defaultDeadlines.inspect, millisOrInfinity()),
  start: optional(defaultDeadlines.start, millisOrInfinity()),
  stop: optional(defaultDeadlines.stop, millisOrInfinity()),
});

const ignore = (): void => {};

export const checkControllerOptions: (options: ControllerOptions) => Either<InvalidOptions, CompleteOptions> =
  checkOptions<CompleteOptions>({
    store: aStore,
    hypervisor: aHypervisor,
    clock: port('a clock', 'now', 'wakeAt'),
    leases: optional(undefined, port<Leases>('leases', 'hold', 'check', 'release', 'subscribe', 'close')),
    concurrency: optional(16, wholeNumber(1)),
    resyncEvery: optional(60_000, millis()),
    starts: optional(undefined, someStarts),
    deadlines: optional(defaultDeadlines, someDeadlines),
    onDecision: optional(ignore, aFunction()),
    onCommand: optional(ignore, aFunction()),
    onFault: optional(ignore, aFunction()),
  });
