/**
 * A fault, as the host's listener gets it.
 */
import { isHostFault } from '../ports/host-fault.js';
import type { Fault } from './context.js';

/** What the host lacks is told as that, not as what the hypervisor could not do for want of it: that says `during`. */
export const faultOf = ({ id, during, error }: Omit<Fault, '_tag'>): Fault => ({
  _tag: 'Fault',
  id,
  during,
  error: 'cause' in error && isHostFault(error.cause) ? error.cause : error,
});
