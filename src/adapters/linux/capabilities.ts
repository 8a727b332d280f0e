/**
 * What a Linux hypervisor found when it was opened, and what its promises rest on from then on.
 */
import type { HypervisorCapabilities } from '../../ports/hypervisor.js';
import type { SystemCalls } from './system-calls.js';

/**
 * What a hypervisor for Linux says of itself. What `process` and `program` cannot promise is in the header of each entry.
 *
 * @since 0.2.0
 */
export interface LinuxCapabilities extends HypervisorCapabilities {
  /**
   * `control_group`: of a run everything is known, whatever it does to its session, title or environment. `process`: what
   * bears the mark of the run, or belongs to the session of a process that does.
   */
  readonly runsKnownBy: 'control_group' | 'process';
  /**
   * `system_call`: a lock needs no other program (the package `koffi` is there). `program`: it is taken by `flock` of
   * util-linux, which must be forked, and cannot be where the system has no room for another process.
   */
  readonly locksBy: 'system_call' | 'program';
}

export const locksBy = (calls: SystemCalls | null): LinuxCapabilities['locksBy'] =>
  calls === null ? 'program' : 'system_call';
