/**
 * What the host itself lacks, in distinction from what a workload refuses.
 */

/**
 * Everything that a host can lack. `disk_space`: room for another write. `disk`: it cannot be written for another reason (it is
 * read-only, broken, gone, or not ours). `file_descriptors`, `processes`, `memory`: no more are to be had.
 *
 * @since 0.2.0
 */
export const hostResources = ['disk_space', 'disk', 'file_descriptors', 'processes', 'memory'] as const;

/**
 * Something that a host can lack.
 *
 * @since 0.2.0
 */
export type HostResource = (typeof hostResources)[number];

/**
 * The host lacked something that the hypervisor needs. It says nothing of the workload: with room again the same call may
 * go well. It is the `cause` of a `Refused` or a `Failed`, or told by the hypervisor's `onFault`.
 *
 * @since 0.2.0
 */
export interface HostFault {
  readonly _tag: 'HostFault';
  readonly resource: HostResource;
  readonly message: string;
  /** The system's own error. */
  readonly cause: unknown;
}

/**
 * What a hypervisor makes of an error that shows that the host lacks something.
 *
 * @since 0.2.0
 */
export const hostFault = (resource: HostResource, message: string, cause?: unknown): HostFault => ({
  _tag: 'HostFault',
  resource,
  message,
  cause,
});

/** From JavaScript, a cause may be anything. */
export const isHostFault = (u: unknown): u is HostFault =>
  typeof u === 'object' && u !== null && '_tag' in u && u._tag === 'HostFault';
