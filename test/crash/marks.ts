/**
 * The mark by which a run says what it is: it ties each run to the write that allowed it, through the revision of the
 * permit that it was started under.
 */
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

/** `token` keeps tests that run at the same time apart. */
const formatMark = (token: string, { id, life, revision }: Mark): string => `${token}/${life}/${revision}/${id}`;

/** null: not of this test. */
export const parseMark = (token: string, text: string): Mark | null => {
  const [owner, life, revision, id] = text.split('/');
  return owner !== token || id === undefined ? null : { id, life: Number(life), revision: Number(revision) };
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
  env: { PATH: process.env['PATH'], [markVariable]: mark },
});
