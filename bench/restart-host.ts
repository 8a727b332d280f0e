/**
 * The process of one side of `restarts.ts`: restarts a command that exits with 1 at once so many times, or holds so many
 * that sleep, as it is told by its parent. It is bundled before it is run, because a spawn costs by the memory of who
 * spawns, and the loader of the sources would take several times what a host has.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Command, failing, type HostOrder, type HostRequest, type Supervisor, sleeping } from './restart-order.js';

const bare = (): Supervisor => {
  const children = new Set<ChildProcess>();
  const begin = ({ command, args }: Command): ChildProcess => {
    // As the adapters and pm2 spawn: in a session of its own.
    const child = spawn(command, args, { stdio: 'ignore', detached: true });
    children.add(child);
    child.once('exit', () => children.delete(child));
    return child;
  };
  const release = async (): Promise<void> => {
    const exits = [...children].map((child) => once(child, 'exit'));
    for (const child of children) child.kill();
    await Promise.all(exits);
  };
  return {
    restart: async (times) => {
      for (let exits = 0; exits < times; exits++) await once(begin(failing), 'exit');
      await once(begin(sleeping), 'spawn');
    },
    hold: async (count) => {
      for (let begun = 0; begun < count; begun++) await once(begin(sleeping), 'spawn');
    },
    release,
    close: release,
  };
};

const serve = (supervisor: Supervisor): void => {
  const answer = async (request: HostRequest): Promise<void> => {
    switch (request.do) {
      case 'restart':
        await supervisor.restart(request.times);
        break;
      case 'hold':
        await supervisor.hold(request.children);
        break;
      case 'release':
        await supervisor.release();
        break;
      case 'collect garbage':
        globalThis.gc?.();
        break;
      case 'close':
        await supervisor.close();
        break;
      default:
        request satisfies never;
    }
    process.send?.('done');
    if (request.do !== 'close') return;
    process.removeAllListeners('disconnect');
    process.disconnect();
  };
  process.on('message', (request: HostRequest) => void answer(request));
  // Where the benchmark itself was ended, nothing of it stays.
  process.once('disconnect', () => void supervisor.close().then(() => process.exit()));
  process.send?.('ready');
};

const open = async ({ side, directory }: HostOrder): Promise<Supervisor> => {
  if (side.supervisor === 'bare') return bare();
  const { supervised } = await import('./restart-controller.js');
  return supervised(side, directory);
};

process.once('message', (order: HostOrder) => void open(order).then(serve));
