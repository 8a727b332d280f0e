/**
 * What a Linux hypervisor found when it was opened, and what its promises rest on from then on.
 */
import type { HypervisorCapabilities } from '../../ports/hypervisor.js';
import type { SystemCalls } from './system-calls.js';

/**
 * What a hypervisor for Linux says of itself. What `process` and `program` cannot promise is in the header of each
 * entry.
 *
 * @since 0.2.0
 */
export interface LinuxCapabilities extends HypervisorCapabilities {
  /**
   * `control_group`: of a run everything is known, whatever it does to its session, title or environment. `process`: its
   * first processes, by number and beginning; what bears its mark; what any of these forked; and who is in a session of
   * theirs.
   */
  readonly runsKnownBy: 'control_group' | 'process';
  /**
   * `system_call`: a lock needs no other program (the package `koffi` is there). `program`: it is taken by `flock` of
   * util-linux, which must be forked, and cannot be where the system has no room for another process.
   */
  readonly locksBy: 'system_call' | 'program';
}

/** One start or stop of an instance at a time, by the host or by the section of flock.ts; a guest's reset ends its run. */
export const linuxCapabilities = (
  runsKnownBy: LinuxCapabilities['runsKnownBy'],
  calls: SystemCalls | null,
): LinuxCapabilities =>
  Object.freeze({
    exclusion: 'section',
    guestReboot: 'exit',
    runsKnownBy,
    locksBy: calls === null ? 'program' : 'system_call',
  });
