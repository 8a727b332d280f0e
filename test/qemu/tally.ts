/**
 * What the tests on real machines did, for whoever runs them all: one line of JSON each, at the end of the file that
 * `REAL_TALLY` names; without it nobody wants to know.
 *
 *   {"tally":"vm_booted"}
 *   {"tally":"vm_exit","kind":"GuestReset"}
 *   {"tally":"controller_killed"}
 */
import { appendFileSync } from 'node:fs';
import type { QemuExit } from '../../src/adapters/qemu.js';

export type Tally =
  | { readonly tally: 'vm_booted' | 'controller_killed' | 'stop_acknowledged' | 'stop_violated' }
  | { readonly tally: 'vm_exit'; readonly kind: QemuExit['_tag'] };

export const count = (what: Tally): void => {
  const file = process.env['REAL_TALLY'];
  if (file !== undefined && file !== '') appendFileSync(file, `${JSON.stringify(what)}\n`);
};
