/** What the witness of the crash test sees of runs that hide: each in its own way, and two copies where there are two. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { describePidsLimit } from '../linux/parts.js';
import { limitProcesses, membersOf, removeLimit } from '../linux/pids-limit.js';
import { directories, until } from '../linux/support.js';
import { daemon, forkBomb, headless, retitled } from './difficult.js';
import { beatsBeside, type Mark, markedCommand } from './marks.js';
import { createProcessList, endAll, type ProcessList, runsTogether } from './processes.js';

const newDirectory = directories();
const lists: Array<ProcessList> = [];
const limits: Array<string> = [];
afterEach(async () => {
  for (const list of lists.splice(0)) endAll(list);
  for (const limit of limits.splice(0)) await until(() => removeLimit(limit));
});

const first: Mark = { id: 'web-1', life: 1, revision: 3 };
const second: Mark = { id: 'web-1', life: 2, revision: 5 };

const witnessed = () => {
  const runLog = join(newDirectory(), 'runs.txt');
  mkdirSync(beatsBeside(runLog));
  const token = `witness-${process.pid}-${Date.now()}`;
  const list = createProcessList(token, runLog);
  lists.push(list);
  const begin = (script: string, { id, life, revision }: Mark): number => {
    const { command, args = [], env } = markedCommand(script, `${token}/${life}/${revision}/${id}`, runLog);
    return spawn(command, args, { env: { ...env }, stdio: 'ignore', detached: true }).pid ?? 0;
  };
  const ofRun = ({ life }: Mark) => list.runs().filter((run) => run.life === life);
  return { list, begin, ofRun };
};

const hasNoEnvironment = (pid: number): boolean => {
  try {
    return !readFileSync(`/proc/${pid}/environ`, 'latin1').includes('CRASH_TEST_RUN=');
  } catch {
    return false; // it has ended
  }
};

const stateOf = (pid: number): string | undefined =>
  readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /s, '')[0];

const both = ['revision 3 of host 1', 'revision 5 of host 2'];

describe.each([
  ['whose first thread has ended while others work', headless, (pid: number) => stateOf(pid) === 'Z'],
  ['that has written its title over its environment', retitled, hasNoEnvironment],
  ['that is a daemon without an environment', daemon({ clears: true }), hasNoEnvironment],
] as const)('a run %s', (_, script, isHidden) => {
  test('is seen for as long as it lives, and so are two at a time', async () => {
    const { list, begin, ofRun } = witnessed();
    for (const mark of [first, second]) {
      begin(script, mark);
      await until(() => ofRun(mark).length === 1 && ofRun(mark).every(({ pid }) => isHidden(pid)));
    }
    const seen = [...list.runs()].sort((a, b) => a.life - b.life);
    expect(seen).toEqual([expect.objectContaining(first), expect.objectContaining(second)]);
    expect(list.all()).toHaveLength(2);
    expect([...runsTogether(list.runs(), list.runs)].sort()).toEqual(both);
    for (const { pid } of ofRun(first)) process.kill(pid, 'SIGKILL');
    await until(() => ofRun(first).length === 0);
    expect(list.runs()).toEqual([expect.objectContaining(second)]);
    expect(runsTogether(list.runs(), list.runs)).toEqual([]);
  });
});

describePidsLimit().each([['fork bomb']])('a %s', () => {
  test('is one run, however often it has forked, and two are two', async () => {
    const { list, begin, ofRun } = witnessed();
    for (const mark of [first, second]) {
      const limit = limitProcesses(`witness-${process.pid}-${mark.life}`, 6);
      limits.push(limit);
      begin(forkBomb(limit), mark);
      await until(() => membersOf(limit).length === 6 && ofRun(mark).length === 6);
      expect(new Set(ofRun(mark).map(({ group }) => group)).size).toBe(1);
      expect(runsTogether(ofRun(mark), list.runs)).toEqual([]);
    }
    expect([...runsTogether(list.runs(), list.runs)].sort()).toEqual(both);
  });
});
