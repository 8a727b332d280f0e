/** The clock of `command.sh`: milliseconds since the machine started, in tens. */
import { readFileSync } from 'node:fs';

export const sinceBoot = (): number => msOf(readFileSync('/proc/uptime', 'utf8'));

/** "54161.63", and what follows it, are 54,161,630 ms. */
export const msOf = (seconds: string): number => Math.round(Number.parseFloat(seconds) * 1_000);

/** Two readings of it are right to this. */
export const clockGrain = 20;
