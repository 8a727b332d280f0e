/**
 * The life of this machine, or of the container that stands for one: what lived in another life ended with it.
 */
import { readFile } from 'node:fs/promises';
import { constNull } from '../../function.js';

/**
 * A name for it, other after a boot and after a restart of the container: the boot, and the tick of it at which the first
 * process began. null: the system does not say.
 */
export const readHostLife = async (): Promise<string | null> => {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(constNull);
  // Hidden from some users; then the boot alone must do.
  const first = await readFile('/proc/1/stat', 'latin1').catch(constNull);
  return boot === null ? null : [boot.trim(), ...(first === null ? [] : [startOf(first)])].join('/');
};

/** The 22nd field; the second, the name in brackets, may hold anything. */
const startOf = (stat: string): string => stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';

/** Whether it is one life, so that the number and the beginning of a process mean the same in both. Not known: no. */
export const isSameLife = (then: string | undefined, now: string | null): boolean => then !== undefined && then === now;

/** Whether both are lives since one boot, so that times since the boot are of one clock. Not known: no. */
export const isSameBoot = (then: string | null | undefined, now: string | null): boolean =>
  typeof then === 'string' && now !== null && bootOf(then) === bootOf(now);

const bootOf = (life: string): string | undefined => life.split('/')[0];

/** Whether a run of that life ended with it. Not known (a record of an earlier version has none): no. */
export const isFormerLife = (then: string | undefined, now: string | null): boolean =>
  then !== undefined && now !== null && then !== now;
