/**
 * Programs that are hard to find, to end, or to tell apart, as shell scripts for marked runs. Each hides the mark that its
 * environment has, and shows it in a way of its own, by which the witness knows it (`processes.ts`).
 */
import { join } from 'node:path';
import { enterLimit } from '../linux/pids-limit.js';
import { beatVariable, markVariable } from './marks.js';

/**
 * Its first thread has ended, and another works: it has no environment and no command line any more, and beats in its file.
 * Whoever bundles this runs where the project is.
 */
export const headless = `exec "${process.execPath}" "${join(process.cwd(), 'test/linux/workloads/headless.mjs')}" "$${beatVariable}"`;

/** Writes its title over its environment, at once: the mark is in the title. */
export const retitled = `exec perl -e '
  $0 = "$ENV{${markVariable}} retitled" . " " x 8000;
  sleep 1000 while 1'`;

/**
 * Begins a daemon, which forks twice and leaves its session: its mark is an argument. `clears`: it has no environment
 * besides. The script goes on beside it.
 */
export const daemon = ({ clears }: { readonly clears: boolean }): string =>
  `perl=$(command -v perl) setsid=$(command -v setsid)
  (${clears ? 'env -i ' : ''}"$setsid" "$perl" -e 'sleep 1000 while 1' "$${markVariable} daemon" &)`;

/**
 * Forks whenever it can, in every copy, and is deaf to SIGTERM. They keep their environment. `limit`: the group that says how
 * many there are; null: it is in one already.
 */
export const forkBomb = (limit: string | null): string =>
  `${limit === null ? '' : `${enterLimit(limit)} || exit 1`}
  exec perl -e '$SIG{TERM} = "IGNORE"; while (1) { defined fork or select undef, undef, undef, 0.05 }'`;
