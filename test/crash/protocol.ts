/**
 * What the driver and a host of the crash test say to each other.
 */
import type { LinuxCapabilities } from '../../src/adapters/process.js';
import type { RestartPolicy } from '../../src/policy.js';
import type { Hang, Landing } from './hangs.js';
import type { GivenUp } from './unanswered.js';

/** A person's command, as the driver sends it. */
export type Command =
  | { readonly _tag: 'Stop' | 'Start' | 'Delete'; readonly id: string }
  /** A health check's verdict on whatever runs. */
  | { readonly _tag: 'Unhealthy'; readonly id: string }
  | { readonly _tag: 'Policy'; readonly id: string; readonly policy: RestartPolicy }
  /** A policy, then a start. */
  | { readonly _tag: 'Create'; readonly id: string; readonly policy: RestartPolicy };

export type ToHost =
  | { readonly _tag: 'Command'; readonly number: number; readonly command: Command }
  | { readonly _tag: 'Hang'; readonly hang: Hang }
  /** Whatever hangs goes on, and nothing hangs any more until it is told to. */
  | { readonly _tag: 'Release' }
  /** Look at every instance, past the controller: nothing is done for it. */
  | { readonly _tag: 'Inspect' }
  /** End in order: the controller first, which has so many milliseconds, then the instances. What hangs goes on between. */
  | { readonly _tag: 'Close'; readonly within: number };

export type Answer =
  /** `revision`: at which the command is recorded; null: it records nothing. */
  | { readonly _tag: 'Acknowledged'; readonly revision: number | null }
  /** `why`: the tag of the error. */
  | { readonly _tag: 'NotDone'; readonly why: string };

/** An answer, with what its host knows of it besides. */
export type Explained =
  /** `isDone`: its start or stop, where it has one, was answered by the hypervisor before the deadline. */
  | (Extract<Answer, { readonly _tag: 'Acknowledged' }> & { readonly isDone: boolean })
  | (Extract<Answer, { readonly _tag: 'NotDone' }> & { readonly message: string });

export type FromHost =
  /** The directory is this host's, and nothing has been started yet. */
  | { readonly _tag: 'Opened'; readonly runsKnownBy: LinuxCapabilities['runsKnownBy'] }
  /** Every instance was reconciled. */
  | { readonly _tag: 'Reconciled' }
  | { readonly _tag: 'Answered'; readonly number: number; readonly answer: Explained }
  | { readonly _tag: 'Faulted'; readonly fault: string }
  /** A call came to where it hangs. */
  | { readonly _tag: 'Hung'; readonly hang: number }
  /** A call that hung has ended. */
  | { readonly _tag: 'Landed'; readonly hang: number; readonly how: Landing }
  /** A call has outlasted its deadline, whether it hangs or the machine is slow. */
  | ({ readonly _tag: 'GivenUp' } & GivenUp)
  /** And has ended after all. */
  | { readonly _tag: 'Ended'; readonly call: number; readonly at: number }
  /** What hung goes on. */
  | { readonly _tag: 'Released' }
  /** The instances that the hypervisor did not find stopped. */
  | { readonly _tag: 'Inspected'; readonly running: ReadonlyArray<string> }
  /** The controller has closed, and left calls of these instances behind. */
  | { readonly _tag: 'Closed'; readonly unanswered: ReadonlyArray<string> };
