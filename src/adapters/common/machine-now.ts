import type { Timestamp } from '../../status.js';

/** What time it is by the machine's clock. */
export const machineNow = (): Timestamp => Date.now();
