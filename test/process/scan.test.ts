import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { right } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { endProcesses } from '../../src/adapters/linux/end-processes.js';
import {
  createScan,
  type LiveProcess,
  listLiveProcesses,
  readProcess,
  runVariable,
} from '../../src/adapters/linux/processes.js';
import { createHold } from '../../src/testing/hold.js';
import { until } from '../linux/support.js';

describe('a scan', () => {
  test('begins after it was asked for, and is shared by all who ask while another is under way', async () => {
    const holds = [createHold(), createHold(), createHold()];
    let begun = 0;
    const scan = createScan(async () => {
      const number = begun++;
      await holds[number]?.pass();
      return [{ pid: number, parent: 1, group: number, session: number, startTicks: 0, tag: null }];
    });
    const first = scan();
    const second = scan();
    const third = scan();
    expect(begun).toBe(1);
    holds[0]?.release();
    await holds[1]?.reached;
    const fourth = scan();
    for (const hold of holds) hold.release();
    const answers = await Promise.all([first, second, third, fourth]);
    expect(answers.map(([found]) => found?.pid)).toEqual([0, 1, 1, 2]);
  });

  test('that fails fails alone', async () => {
    let begun = 0;
    const scan = createScan(() => (begun++ === 0 ? Promise.reject(new Error('EMFILE')) : Promise.resolve([])));
    const [first, second] = await Promise.allSettled([scan(), scan()]);
    expect([first.status, second.status]).toEqual(['rejected', 'fulfilled']);
    expect(await scan()).toEqual([]);
  });

  test('finds what lives, and not what has ended and waits for a parent that does not look', async () => {
    // A child of what becomes a tail, which never asks how its children ended; it ends only then, because a shell asks.
    const endsLate = `sh -c 'until grep -qx tail /proc/$PPID/comm; do :; done'`;
    const parent = spawn('/bin/sh', ['-c', `${endsLate} & echo $!; exec tail -f /dev/null`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [output] = await once(parent.stdout, 'data');
    const child = Number(String(output));
    await until(() => readFileSync(`/proc/${child}/stat`, 'utf8').includes(') Z '));
    const found = (await listLiveProcesses()).map(({ pid }) => pid);
    parent.kill('SIGKILL');
    expect(found).toContain(process.pid);
    expect(found).toContain(parent.pid);
    expect(found).not.toContain(child);
  });
});

describe('a process', () => {
  test('is known by its variable however large its environment is, and wherever in it that stands', async () => {
    const large = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`LARGE_${n}`, 'x'.repeat(8_000)]));
    for (const env of [
      { ...large, [runVariable]: 'a-run' },
      { [runVariable]: 'a-run', ...large },
    ]) {
      const child = spawn('sleep', ['1000'], { stdio: 'ignore', env: { PATH: process.env['PATH'], ...env } });
      await once(child, 'spawn');
      const found = readProcess(child.pid ?? 0);
      child.kill('SIGKILL');
      expect(found?.tag).toBe('a-run');
    }
  });
});

describe('what is to be ended', () => {
  /** Answers one after another; null: it could not be known. */
  const finding = (...answers: ReadonlyArray<ReadonlyArray<LiveProcess> | null>) => {
    let asked = 0;
    return {
      find: () => {
        const answer = answers[asked++];
        return answer === null || answer === undefined ? Promise.reject(new Error('EMFILE')) : Promise.resolve(answer);
      },
      asked: () => asked,
    };
  };

  test('is gone when two scans that follow one another say so, and not when nobody can say', async () => {
    const { find, asked } = finding(null, [], null, [], []);
    expect(await endProcesses({ find, graceMs: 0 })).toEqual(right(undefined));
    expect(asked()).toBe(5);
  });

  test('is not waited for while nobody has been able to tell it to end', async () => {
    const { find, asked } = finding(null, [], []);
    // The leader never ends, and the grace is long: a wait for either would be the end of this test.
    const answer = await endProcesses({
      find,
      graceMs: 1e9,
      leader: () => (asked() === 1 ? createHold().pass() : null),
    });
    expect(answer).toEqual(right(undefined));
  });
});
