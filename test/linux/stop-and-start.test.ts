/**
 * A start that meets a stop, and calls that are given up in the middle, on real processes: an acknowledged start is a run
 * of its own, and nothing is done after the answer of a call that was given up.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { right as rightOf } from 'fp-ts/lib/Either.js';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { listLiveProcesses } from '../../src/adapters/linux/processes.js';
import type { Hypervisor, Permit } from '../../src/controller.js';
import { createHold } from '../../src/testing/hold.js';
import { openings as processOpenings } from '../process/support.js';
import { openings as sharedOpenings } from '../shared-process/support.js';
import { left, right } from '../support/either.js';
import { forever, kill, observe, permit, shell, stopped } from './instances.js';
import { until } from './support.js';

const kinds = {
  process: processOpenings(),
  'shared process': sharedOpenings(),
} as const;

/** The kernel ends a control group for whoever may write to it: who is to lack the right to signal must not have one. */
const withoutGroups = { controlGroups: 'off', systemCalls: 'off' } as const;

const failedFor = (why: string) => ({ _tag: 'Failed', message: expect.stringContaining(why) });
const givenUp = failedFor('given up');

afterEach(() => {
  vi.restoreAllMocks();
});

/** What its processes are found by. */
const runOf = (directory: string, id = 'web-1'): string =>
  JSON.parse(readFileSync(join(directory, `${id}.json`), 'utf8')).run;

const livesOf = async (run: string): Promise<number> =>
  (await listLiveProcesses()).filter(({ tag }) => tag === run).length;

/** A run lives, for what becomes another program at this very moment is missed by a look. */
const begins = (directory: string): Promise<void> => until(async () => (await livesOf(runOf(directory))) > 0);

/** A permit for which nobody waits any more once it is told so. */
const permitUntil = (): { readonly permit: Permit; readonly giveUp: () => void } => {
  const call = new AbortController();
  return { permit: { ...permit, signal: call.signal }, giveUp: () => call.abort() };
};

interface Sent {
  /** A process, or a group by its first. */
  readonly to: number;
  readonly signal: unknown;
}

/** Calls back at the first SIGTERM that this host sends, when it was sent. Answers what was sent until now. */
const atSigterm = (callback: () => void = () => {}): ReadonlyArray<Sent> => {
  const sent: Array<Sent> = [];
  const send = process.kill.bind(process);
  vi.spyOn(process, 'kill').mockImplementation((pid, signal) => {
    const answer = send(pid, signal);
    if (signal !== 0) sent.push({ to: Math.abs(pid), signal });
    if (signal === 'SIGTERM' && sent.length === 1) callback();
    return answer;
  });
  return sent;
};

/** Deaf to SIGTERM. It is up when there is a file of that name. */
const deaf = `trap '' TERM; echo > "$0/up"; ${forever}`;
/** Told to end it says so, and goes on until it may go. */
const slow = `trap 'echo > "$0/told"; until test -e "$0/go"; do sleep 0.01; done; exit 0' TERM
  echo > "$0/up"; while :; do sleep 0.01; done`;

describe.each(Object.entries(kinds))('of a %s', (kind, { newDirectory, open }) => {
  /** An instance that runs the first script, and will run the second when it is started again. */
  const begun = async (script: string, graceMs: number, next = forever, more = {}) => {
    const directory = newDirectory();
    const scripts = [script, next];
    const commandOf = () => shell(scripts.shift() ?? next, directory);
    const hypervisor = await open({ directory, graceMs, commandOf, ...more });
    right(await hypervisor.start('web-1', permit)());
    await until(() => readdirSync(directory).includes('up'));
    return { hypervisor, directory, run: runOf(directory) };
  };

  /** The same, and a stop of it was given up as soon as it was told to end. */
  const halfStopped = async (script: string, graceMs: number, next?: string) => {
    const instance = await begun(script, graceMs, next);
    const stop = permitUntil();
    atSigterm(stop.giveUp);
    expect(left(await instance.hypervisor.stop('web-1', stop.permit)())).toMatchObject(givenUp);
    vi.restoreAllMocks();
    return instance;
  };

  /** The start was answered, and what lives now is a run of its own. */
  const isRunOfItsOwn = async (directory: string, former: string, hypervisor: Hypervisor): Promise<void> => {
    expect(await livesOf(former)).toBe(0);
    expect(runOf(directory)).not.toBe(former);
    await begins(directory);
    expect(await observe(hypervisor)).toMatchObject({ state: 'running', stoppedAt: null, exitCode: null });
  };

  describe('a stop that is given up', () => {
    test('kills nothing after its answer, and can be made again', async () => {
      const { hypervisor, run } = await halfStopped(deaf, 20);
      const sent = atSigterm();
      // Another one that is deaf has its whole grace meanwhile.
      const other = await begun(deaf, 20);
      right(await other.hypervisor.stop('web-1', permit)());
      expect(await livesOf(other.run)).toBe(0);
      const groups = (await listLiveProcesses()).filter(({ tag }) => tag === run).map(({ group }) => group);
      expect(sent.filter(({ to }) => groups.includes(to))).toEqual([]);
      expect(await livesOf(run)).toBeGreaterThan(0);
      expect((await observe(hypervisor)).state).toBe('running');
      right(await hypervisor.stop('web-1', permit)());
      expect(await livesOf(run)).toBe(0);
      expect(await observe(hypervisor)).toMatchObject({ state: 'stopped', exitCode: null, cause: 'host' });
    });

    test('was a stop all the same, for what ends of it: by the host', async () => {
      const { hypervisor, directory } = await halfStopped(slow, 1e9);
      await until(() => readdirSync(directory).includes('told'));
      writeFileSync(join(directory, 'go'), '');
      expect(await stopped(hypervisor)).toMatchObject({ exitCode: null, cause: 'host' });
    });

    test('before its check is over does nothing', async () => {
      const { hypervisor, run } = await begun(deaf, 0);
      const hold = createHold();
      const stop = permitUntil();
      const check = async () => {
        await hold.pass();
        return rightOf(undefined);
      };
      const stopping = hypervisor.stop('web-1', { ...stop.permit, check })();
      await hold.reached;
      stop.giveUp();
      expect(left(await stopping)).toMatchObject(givenUp);
      hold.release();
      // Whoever comes next gets in, and finds it running.
      right(await hypervisor.start('web-1', permit)());
      expect(await livesOf(run)).toBeGreaterThan(0);
    });
  });

  describe('a start after a stop', () => {
    test('that was given up ends what is deaf to it, and is a run of its own', async () => {
      const { hypervisor, directory, run } = await halfStopped(deaf, 20);
      right(await hypervisor.start('web-1', permit)());
      await isRunOfItsOwn(directory, run, hypervisor);
    });

    test('that was given up waits for what still heeds it, and is a run of its own', async () => {
      const { hypervisor, directory, run } = await halfStopped(slow, 1e9);
      await until(() => readdirSync(directory).includes('told'));
      const checks: Array<number> = [];
      const check = async () => {
        checks.push(await livesOf(run));
        return rightOf(undefined);
      };
      const starting = hypervisor.start('web-1', { revision: 2, check })();
      await until(() => checks.length === 1);
      writeFileSync(join(directory, 'go'), '');
      right(await starting);
      await isRunOfItsOwn(directory, run, hypervisor);
      // Nobody may have decided otherwise while it waited.
      expect(checks.length).toBeGreaterThan(1);
      expect(checks.at(-1)).toBe(0);
    });

    test('that was given up, and itself given up while it waits, starts nothing', async () => {
      const { hypervisor, directory, run } = await halfStopped(slow, 1e9);
      const start = permitUntil();
      atSigterm(start.giveUp);
      expect(left(await hypervisor.start('web-1', start.permit)())).toMatchObject(givenUp);
      vi.restoreAllMocks();
      writeFileSync(join(directory, 'go'), '');
      await stopped(hypervisor);
      expect(runOf(directory)).toBe(run);
      right(await hypervisor.start('web-1', permit)());
      await isRunOfItsOwn(directory, run, hypervisor);
    });

    test('that failed half-way is a run of its own, or fails', async () => {
      const { hypervisor, directory, run } = await begun(deaf, 20, forever, withoutGroups);
      // The right to end it is lost after SIGTERM.
      const send = process.kill.bind(process);
      vi.spyOn(process, 'kill').mockImplementation((pid, signal) => {
        if (signal !== 'SIGKILL') return send(pid, signal);
        throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
      });
      expect(left(await hypervisor.stop('web-1', permit)())).toMatchObject(failedFor('not allowed'));
      expect(left(await hypervisor.start('web-1', permit)())).toMatchObject(failedFor('not allowed'));
      expect((await observe(hypervisor)).state).toBe('running');
      vi.restoreAllMocks();
      right(await hypervisor.start('web-1', permit)());
      await isRunOfItsOwn(directory, run, hypervisor);
    });

    test('that is under way waits for it', async () => {
      const { hypervisor, directory, run } = await begun(slow, 1e9);
      const stopping = hypervisor.stop('web-1', permit)();
      const starting = hypervisor.start('web-1', permit)();
      await until(() => readdirSync(directory).includes('told'));
      writeFileSync(join(directory, 'go'), '');
      right(await stopping);
      right(await starting);
      await isRunOfItsOwn(directory, run, hypervisor);
    });

    test('also takes along what has left the group of the former run', async () => {
      const script = `setsid sh -c 'trap "" TERM; echo > "$0/up"; while :; do sleep 1000; done' "$0" & ${forever}`;
      const { hypervisor, directory, run } = await halfStopped(script, 20);
      right(await hypervisor.start('web-1', permit)());
      await isRunOfItsOwn(directory, run, hypervisor);
    });
  });

  describe('a call that waits for another of its instance', () => {
    test('gives up at once, and is never made', async () => {
      const { hypervisor, run } = await begun(deaf, 0);
      const hold = createHold();
      const holding = hypervisor.start('web-1', {
        revision: 1,
        check: async () => {
          await hold.pass();
          return rightOf(undefined);
        },
      })();
      await hold.reached;
      const check = vi.fn(permit.check);
      const call = permitUntil();
      const waiting = [hypervisor.start, hypervisor.stop].map((make) => make('web-1', { ...call.permit, check })());
      call.giveUp();
      for (const answer of await Promise.all(waiting)) expect(left(answer)).toMatchObject(givenUp);
      hold.release();
      right(await holding);
      // The section is free, and they were not in it.
      right(await hypervisor.start('web-1', permit)());
      expect(check).not.toHaveBeenCalled();
      expect(await livesOf(run)).toBeGreaterThan(0);
    });
  });

  describe('a start that is given up', () => {
    test('while its check does not answer starts nothing, and lets the next one in', async () => {
      const directory = newDirectory();
      const hypervisor = await open({ directory, commandOf: () => shell(forever, directory) });
      const start = permitUntil();
      const hold = createHold();
      const check = async () => {
        await hold.pass();
        return rightOf(undefined);
      };
      const starting = hypervisor.start('web-1', { ...start.permit, check })();
      await hold.reached;
      start.giveUp();
      expect(left(await starting)).toMatchObject(givenUp);
      hold.release();
      right(await hypervisor.stop('web-1', permit)());
      expect((await observe(hypervisor)).startedAt).toBeNull();
    });

    test('while it is being recorded starts nothing, and puts back what it recorded', async () => {
      const directory = newDirectory();
      const scripts = ['exit 4', forever];
      const hypervisor = await open({ directory, commandOf: () => shell(scripts.shift() ?? forever, directory) });
      right(await hypervisor.start('web-1', permit)());
      const former = await stopped(hypervisor);
      const start = permitUntil();
      const onRefused = vi.fn(async () => {});
      const check = async () => {
        // By the next turn of the event loop it waits for the disk.
        setImmediate(start.giveUp);
        return rightOf(undefined);
      };
      const given = left(await hypervisor.start('web-1', { ...start.permit, check, onRefused })());
      expect(given).toMatchObject(givenUp);
      expect(onRefused).not.toHaveBeenCalled();
      expect(await observe(hypervisor)).toEqual(former);
      expect((await listLiveProcesses()).filter(({ tag }) => tag === runOf(directory))).toEqual([]);
      right(await hypervisor.start('web-1', permit)());
      expect((await observe(hypervisor)).state).toBe('running');
    });

    test('when its process has begun is answered as the run that it is', async () => {
      const directory = newDirectory();
      const start = permitUntil();
      let spawns = 0;
      // What is read of it last: the process begins in this very step.
      const stdio = new Proxy(['ignore', 'ignore'] as const, {
        get: (outputs, key) => {
          if (spawns === 0) queueMicrotask(start.giveUp);
          spawns = 1;
          return Reflect.get(outputs, key);
        },
      });
      const commandOf = () => ({ ...shell(forever, directory), stdio });
      const hypervisor = await open({ directory, commandOf });
      right(await hypervisor.start('web-1', start.permit)());
      expect(start.permit.signal?.aborted).toBe(true);
      expect(spawns).toBe(1);
      expect((await observe(hypervisor)).state).toBe('running');
      await begins(directory);
    });
  });

  if (kind === 'process') {
    test('a start during the drain is refused, also of what runs still', async () => {
      const { hypervisor, directory } = await begun(slow, 1e9);
      const closing = hypervisor.close();
      await until(() => readdirSync(directory).includes('told'));
      const onRefused = vi.fn(async () => {});
      expect(left(await hypervisor.start('web-1', { ...permit, onRefused })())._tag).toBe('Refused');
      expect(onRefused).toHaveBeenCalledTimes(1);
      writeFileSync(join(directory, 'go'), '');
      await closing;
    });
  }

  test('a start of what has ended, which nobody has noticed yet, is a run of its own', async () => {
    const { hypervisor, directory, run } = await begun(deaf, 0);
    const [first] = (await listLiveProcesses()).filter(({ tag, pid, group }) => tag === run && pid === group);
    let checks = 0;
    const check = async () => {
      if (++checks === 1) {
        kill(-(first?.pid ?? Number.NaN));
        // Dead, but the event loop gets no turn to hear of it.
        while (!readFileSync(`/proc/${first?.pid}/stat`, 'latin1').includes(') Z ')) {}
      }
      return rightOf(undefined);
    };
    right(await hypervisor.start('web-1', { revision: 1, check })());
    await isRunOfItsOwn(directory, run, hypervisor);
    expect(checks).toBe(2);
  });

  if (kind === 'shared process') {
    test('a stop that cannot be written down does not give up half-way', async () => {
      const { hypervisor, directory, run } = await begun(deaf, 20);
      const told = join(directory, 'web-1.json.told');
      mkdirSync(told);
      const stop = permitUntil();
      atSigterm(stop.giveUp);
      right(await hypervisor.stop('web-1', stop.permit)());
      expect(await livesOf(run)).toBe(0);
      rmSync(told, { recursive: true });
    });
  }
});
