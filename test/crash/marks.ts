/**
 * The mark by which a run says what it is: it ties each run to the write that allowed it, through the revision of the
 * permit that it was started under.
 */
import { join } from 'node:path';
import type { ProcessCommand } from '../../src/adapters/process.js';
import type { Hypervisor } from '../../src/controller.js';

/** What every process of a run carries in its environment, and what the run writes down when it begins. */
export interface Mark {
  readonly id: string;
  /** Of the host that started it: 1 for the first. */
  readonly life: number;
  /** Of the record that allowed this start: the permit's. */
  readonly revision: number;
}

export const markVariable = 'CRASH_TEST_RUN';

/** Names the file that a run may beat in: one that nothing else tells of. */
export const beatVariable = 'CRASH_TEST_BEAT';

/** The directory of those files. */
export const beatsBeside = (runLog: string): string => `${runLog}.beats`;

/** A file there is called after the mark; a mark has no comma. */
const beatFile = (runLog: string, mark: string): string => join(beatsBeside(runLog), mark.replaceAll('/', ','));

export const markOfBeat = (token: string, name: string): Mark | null => parseMark(token, name.replaceAll(',', '/'));

/** `token` keeps tests that run at the same time apart. */
const formatMark = (token: string, { id, life, revision }: Mark): string => `${token}/${life}/${revision}/${id}`;

/** null: not of this test. */
export const parseMark = (token: string, text: string): Mark | null => {
  const [owner, life, revision, id] = text.split('/');
  // One that is being written over at this moment is none.
  return owner !== token || id === undefined || !/^[\w-]+$/.test(id)
    ? null
    : { id, life: Number(life), revision: Number(revision) };
};

/** The mark that stands anywhere in the text: in a title, for example. */
export const findMark = (token: string, text: string): Mark | null => {
  const found = new RegExp(`${token}/\\d+/\\d+/[\\w-]+`).exec(text);
  return found === null ? null : parseMark(token, found[0]);
};

export interface Marks {
  /** Of the start that passed its check last; the next command of that instance is for that very start. */
  readonly markOf: (id: string) => string;
  /** The same hypervisor; its starts are seen. */
  readonly seeing: (hypervisor: Hypervisor) => Hypervisor;
}

export const createMarks = (token: string, life: number): Marks => {
  const permitted = new Map<string, number>();
  return {
    markOf: (id) => formatMark(token, { id, life, revision: permitted.get(id) ?? 0 }),
    seeing: (hypervisor) => ({
      ...hypervisor,
      start: (id, permit) =>
        hypervisor.start(id, {
          ...permit,
          check: async () => {
            const checked = await permit.check();
            permitted.set(id, permit.revision);
            return checked;
          },
        }),
    }),
  };
};

/** A shell script that first writes its mark down, and carries it. */
export const markedCommand = (script: string, mark: string, runLog: string): ProcessCommand => ({
  command: '/bin/sh',
  args: ['-c', `echo "$${markVariable}" >> "$0"; ${script}`, runLog],
  env: { PATH: process.env['PATH'], [markVariable]: mark, [beatVariable]: beatFile(runLog, mark) },
});
