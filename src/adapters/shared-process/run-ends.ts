/**
 * The ends of runs: those that are written, and those of which this process alone knows, for they could not be written yet.
 */
import type { InstanceId } from '../../ports/store.js';
import type { EndsToWrite } from '../linux/ends-to-write.js';
import type { FlockSection } from '../linux/flock.js';
import type { Beginning, End, RunFiles, Unwitnessed } from './files.js';

export interface RunEnds {
  /** null: the run has not ended, or nobody knows. */
  readonly read: (run: Beginning) => Promise<End | null>;
  /** In the section of the instance. Never rejects: what cannot be written is written later, and known here until then. */
  readonly write: (run: Beginning, how: Unwitnessed) => Promise<End>;
}

export const createRunEnds = (files: RunFiles, section: FlockSection, unwritten: EndsToWrite): RunEnds => {
  const kept = new Map<InstanceId, { readonly run: string; readonly end: End }>();

  const read: RunEnds['read'] = async (run) => {
    const written = await files.readEnd(run);
    if (written !== null) return written;
    const known = kept.get(run.id);
    return known?.run === run.run ? known.end : null;
  };

  const write: RunEnds['write'] = async (run, how) => {
    const { id } = run;
    const { end, write: writeDown } = files.endNow(run, how);
    const known = { run: run.run, end };
    const forget = (): void => {
      if (kept.get(id) === known) kept.delete(id);
    };

    /** Meanwhile another run may have begun, whose end goes into the same file; or somebody else has written it. */
    const writeLater = async (): Promise<void> => {
      const entered = await section.ifFree(id, async () => {
        const record = await files.read(id);
        const isLast = record._tag === 'Right' && record.right?.run === run.run;
        if (isLast && (await files.readEnd(run)) === null) await writeDown('later');
        forget();
      });
      if (entered._tag === 'None') throw new Error('somebody else is at it');
    };

    kept.set(id, known);
    await unwritten.write(id, () => writeDown('now').then(forget), writeLater);
    return end;
  };

  return { read, write };
};
