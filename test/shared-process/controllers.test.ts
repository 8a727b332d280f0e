/** Several controllers on one host: each is a process of its own here, bundled from `fixtures/controller.ts`. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { forever, observe, permit, shell, stopped } from '../linux/instances.js';
import { type OtherProcess, processesOf as processesOfFixture, until } from '../linux/support.js';
import { right } from '../support/either.js';
import { groupsOf, groupUses, living, openings, processesOf } from './support.js';

const { newDirectory, open } = openings();
const startController = processesOfFixture(new URL('fixtures/controller.ts', import.meta.url));

const ask = async (controller: OtherProcess, command: string, id: string): Promise<string> => {
  controller.send(`${command} ${id}`);
  return (await controller.line(`${command} ${id} `)).slice(`${command} ${id} `.length);
};

/** Ends with exit code 7 when the test says so. */
const waiting = 'until test -e "$0/go-$1"; do sleep 0.01; done; exit 7';

const ids = Array.from({ length: 10 }, (_, n) => `instance-${n}`);

describe('controllers that share a directory', () => {
  test('start an instance at the same moment, and there is one run of it', async () => {
    const directory = newDirectory();
    const controllers = [await startController(directory, forever), await startController(directory, forever)];
    const answers = await Promise.all(controllers.flatMap((one) => ids.map((id) => ask(one, 'start', id))));
    expect(answers).toEqual(answers.map(() => 'Right'));
    expect(groupsOf(directory)).toHaveLength(ids.length);
    const [first = [], second] = await Promise.all(
      controllers.map((one) => Promise.all(ids.map((id) => ask(one, 'inspect', id)))),
    );
    expect(second).toEqual(first);
    expect(first.filter((seen) => JSON.parse(seen).state === 'running')).toHaveLength(ids.length);
  });

  test('stop what another one started', async () => {
    const directory = newDirectory();
    const [starter, stopper] = [await startController(directory, forever), await startController(directory, forever)];
    expect(await ask(starter, 'start', 'web-1')).toBe('Right');
    expect(await ask(stopper, 'stop', 'web-1')).toBe('Right');
    expect(groupsOf(directory)).toEqual([]);
    expect(JSON.parse(await ask(starter, 'inspect', 'web-1'))).toMatchObject({ state: 'stopped', exitCode: null });
  });

  test('are notified of what another one does, and of the end of every run', async () => {
    const directory = newDirectory();
    const other = await startController(directory, waiting);
    const listening = await open({ directory });
    const notified: Array<string> = [];
    listening.subscribe((id) => notified.push(id));
    await ask(other, 'start', 'web-1');
    await until(() => notified.length > 0);
    notified.length = 0;
    writeFileSync(join(directory, 'go-web-1'), '');
    await until(() => notified.length > 0);
    expect((await stopped(listening, 'web-1')).exitCode).toBe(7);
    await ask(other, 'start', 'web-2');
    await until(() => notified.includes('web-2'));
    notified.length = 0;
    await ask(other, 'stop', 'web-2');
    await until(() => notified.includes('web-2'));
    expect(new Set(notified)).toEqual(new Set(['web-2']));
  });

  test('wait for the check of another one, and get in when that one is killed', async () => {
    const directory = newDirectory();
    const holder = await startController(directory, forever);
    holder.send('hold web-1');
    await holder.line('checking');
    const other = await open({ directory, commandOf: () => shell(forever, directory) });
    const order: Array<string> = [];
    const starting = other
      .start('web-1', permit)()
      .then((answer) => {
        order.push('started');
        return answer;
      });
    // An inspection does not wait, and finds nothing begun.
    expect((await observe(other, 'web-1')).startedAt).toBeNull();
    order.push('killed');
    await holder.end('SIGKILL');
    right(await starting);
    expect(order).toEqual(['killed', 'started']);
  });
});

describe('a run', () => {
  test('outlives its controller, and another one learns how it ended', async () => {
    const directory = newDirectory();
    const controller = await startController(directory, waiting);
    await ask(controller, 'start', 'web-1');
    const before = JSON.parse(await ask(controller, 'inspect', 'web-1'));
    await controller.end('SIGKILL');
    const next = await open({ directory });
    expect(await observe(next, 'web-1')).toEqual(before);
    const notified = new Promise((resolve) => next.subscribe(resolve));
    writeFileSync(join(directory, 'go-web-1'), '');
    expect(await notified).toBe('web-1');
    const after = await stopped(next, 'web-1');
    expect(after).toMatchObject({ startedAt: before.startedAt, exitCode: 7 });
    expect(after.stoppedAt).toBeGreaterThanOrEqual(before.startedAt);
  });

  test('that ended while no controller lived is known to have, and how', async () => {
    const directory = newDirectory();
    const controller = await startController(directory, waiting);
    await ask(controller, 'start', 'web-1');
    await controller.end('SIGKILL');
    writeFileSync(join(directory, 'go-web-1'), '');
    await until(() => groupsOf(directory).length === 0);
    expect(await observe(await open({ directory }), 'web-1')).toMatchObject({ state: 'stopped', exitCode: 7 });
  });

  test('does not keep its controller alive, and goes on when that has ended in order', async () => {
    const directory = newDirectory();
    const controller = await startController(directory, forever);
    await ask(controller, 'start', 'web-1');
    controller.send('leave');
    await controller.ended;
    expect((await observe(await open({ directory }), 'web-1')).state).toBe('running');
  });
});

describe.each(groupUses)('a controller that is killed, with control groups %s,', (controlGroups) => {
  test('after it recorded a run and before it spawned it leaves none: found so, and started by the next', async () => {
    const directory = newDirectory();
    const controller = await startController(directory, forever, '10000', controlGroups);
    controller.send('kill-after 1');
    controller.send('start web-1');
    await controller.ended;
    const next = await open({ controlGroups, directory, commandOf: () => shell(forever, directory) });
    expect(groupsOf(directory)).toEqual([]);
    const other = await open({ controlGroups, directory });
    const notified = new Promise((resolve) => other.subscribe(resolve));
    const seen = await observe(next, 'web-1');
    expect(await notified).toBe('web-1');
    expect(seen).toMatchObject({ state: 'stopped', stoppedAt: null, exitCode: null });
    expect(seen.startedAt).not.toBeNull();
    right(await next.start('web-1', permit)());
    expect((await observe(next, 'web-1')).state).toBe('running');
    expect(groupsOf(directory)).toHaveLength(1);
  });

  test.each(['inspect', 'start', 'stop'] as const)(
    'after it spawned a run and before it wrote down where leaves one: found by whoever comes next to %s',
    async (what) => {
      const directory = newDirectory();
      const controller = await startController(directory, forever, '10000', controlGroups);
      controller.send('kill-before 2');
      controller.send('start web-1');
      await controller.ended;
      expect(JSON.parse(readFileSync(join(directory, 'web-1.json'), 'utf8')).pid).toBeNull();
      const [group] = groupsOf(directory);
      expect(group).toBeDefined();
      const next = await open({ controlGroups, directory, commandOf: () => shell(forever, directory) });
      if (what === 'start') right(await next.start('web-1', permit)());
      if (what === 'stop') right(await next.stop('web-1', permit)());
      expect((await observe(next, 'web-1')).state).toBe(what === 'stop' ? 'stopped' : 'running');
      expect(groupsOf(directory)).toEqual(what === 'stop' ? [] : [group]);
      expect(JSON.parse(readFileSync(join(directory, 'web-1.json'), 'utf8')).pid).toBe(group);
    },
  );

  test('in the middle of a stop leaves the rest of it to the next', async () => {
    const directory = newDirectory();
    const deaf = `trap 'echo > "$0/told"' TERM; echo > "$0/up"; while :; do sleep 0.01; done`;
    const controller = await startController(directory, deaf, '10000', controlGroups);
    await ask(controller, 'start', 'web-1');
    await until(() => readdirSync(directory).includes('up'));
    controller.send('stop web-1');
    await until(() => readdirSync(directory).includes('told'));
    await controller.end('SIGKILL');
    const next = await open({ controlGroups, directory, graceMs: 50 });
    // Its shim is gone, and the command still lives.
    expect(processesOf(directory).shims).toEqual([]);
    expect((await observe(next, 'web-1')).state).toBe('running');
    right(await next.stop('web-1', permit)());
    expect(living(directory)).toEqual([]);
    expect(await observe(next, 'web-1')).toMatchObject({ state: 'stopped', exitCode: null, cause: 'host' });
  });

  test('in the middle of a stop is known to have told the run to end, when that ends before anyone else comes', async () => {
    const directory = newDirectory();
    const slow = `trap 'echo > "$0/told"; until test -e "$0/go"; do sleep 0.01; done; exit 0' TERM
      echo > "$0/up"; while :; do sleep 0.01; done`;
    const controller = await startController(directory, slow, '10000', controlGroups);
    await ask(controller, 'start', 'web-1');
    await until(() => readdirSync(directory).includes('up'));
    controller.send('stop web-1');
    await until(() => readdirSync(directory).includes('told'));
    await controller.end('SIGKILL');
    writeFileSync(join(directory, 'go'), '');
    await until(() => groupsOf(directory).length === 0);
    const seen = { state: 'stopped', stoppedAt: null, exitCode: null, cause: 'host' };
    expect(await observe(await open({ controlGroups, directory }), 'web-1')).toMatchObject(seen);
  });

  test('in the middle of its starts leaves nothing that cannot be found', async () => {
    const directory = newDirectory();
    const controller = await startController(directory, forever, '10000', controlGroups);
    for (const id of ids) controller.send(`start ${id}`);
    await until(() => groupsOf(directory).length > 3);
    await controller.end('SIGKILL');
    const next = await open({ controlGroups, directory, commandOf: () => shell(forever, directory) });
    let states: ReadonlyArray<string> = [];
    // What it was spawning at that very moment holds its sections until it is another program.
    await until(async () => {
      states = await Promise.all(ids.map(async (id) => (await observe(next, id)).state));
      return !states.includes('initializing');
    });
    expect(groupsOf(directory)).toHaveLength(states.filter((state) => state === 'running').length);
    for (const id of ids) right(await next.stop(id, permit)());
    expect(groupsOf(directory)).toEqual([]);
  });
});

describe.each(groupUses)(
  'a controller that is killed in the middle of a stop, with control groups %s,',
  (controlGroups) => {
    /** Told to end it says so, and goes on until it may go. */
    const slow = `trap 'echo > "$0/told"; until test -e "$0/go"; do sleep 0.01; done; exit 0' TERM
    echo > "$0/up"; while :; do sleep 0.01; done`;

    const killedInStop = async () => {
      const directory = newDirectory();
      const controller = await startController(directory, slow, '10000', controlGroups);
      expect(await ask(controller, 'start', 'web-1')).toBe('Right');
      await until(() => readdirSync(directory).includes('up'));
      const former = groupsOf(directory);
      controller.send('stop web-1');
      await until(() => readdirSync(directory).includes('told'));
      await controller.end('SIGKILL');
      return { directory, former };
    };

    test('leaves a run on its way out: a start elsewhere waits for its end, and is a run of its own', async () => {
      const { directory, former } = await killedInStop();
      const other = await open({ controlGroups, directory, commandOf: () => shell(forever, directory) });
      const starting = other.start('web-1', permit)();
      let isAnswered = false;
      void starting.finally(() => {
        isAnswered = true;
      });
      // Another instance has its start and stop meanwhile, so this one has had its chance to answer too early.
      right(await other.start('web-2', permit)());
      right(await other.stop('web-2', permit)());
      expect(isAnswered).toBe(false);
      writeFileSync(join(directory, 'go'), '');
      right(await starting);
      expect((await observe(other, 'web-1')).state).toBe('running');
      expect(groupsOf(directory)).toHaveLength(1);
      expect(groupsOf(directory)).not.toEqual(former);
    });

    test('leaves a run that others end, where it is deaf to being told, and start anew', async () => {
      const { directory, former } = await killedInStop();
      const other = await open({ controlGroups, directory, graceMs: 20, commandOf: () => shell(forever, directory) });
      right(await other.start('web-1', permit)());
      expect(groupsOf(directory)).toHaveLength(1);
      expect(groupsOf(directory)).not.toEqual(former);
    });
  },
);

describe.each(groupUses)(
  'a controller that is stopped while it starts an instance, with control groups %s,',
  (controlGroups) => {
    test('leaves it initializing for the others, until it goes on', async () => {
      const directory = newDirectory();
      const controller = await startController(directory, forever, '10000', controlGroups);
      controller.send('stop-before 2');
      controller.send('start web-1');
      await until(() => readFileSync(`/proc/${controller.pid}/stat`, 'latin1').includes(') T '));
      const other = await open({ controlGroups, directory });
      expect((await observe(other, 'web-1')).state).toBe('initializing');
      const notified = new Promise((resolve) => other.subscribe(resolve));
      process.kill(controller.pid, 'SIGCONT');
      expect(await notified).toBe('web-1');
      expect((await observe(other, 'web-1')).state).toBe('running');
    });
  },
);
