/** A boot of the machine, as those find it who come after it: nothing lives, and what began was of another life. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRecordName } from '../../src/adapters/linux/run-record.js';
import { kill } from './instances.js';

/** The groups are those of the runs in the directory. They have no time to write anything, as in a loss of power. */
export const boot = (directory: string, groups: ReadonlyArray<number>): void => {
  for (const group of groups) kill(-group);
  for (const name of readdirSync(directory).filter(isRecordName)) {
    const file = join(directory, name);
    const record: { readonly life?: string } = JSON.parse(readFileSync(file, 'utf8'));
    if (record.life === undefined) throw new Error(`${name} does not say in which life of the machine its run began`);
    writeFileSync(file, `${JSON.stringify({ ...record, life: 'a life before this one' })}\n`);
  }
};
