/** The tour: a command that crashes for real, its backoff and its limit; then a manual stop that holds. */
import { setTimeout as sleep } from 'node:timers/promises';
import { restartPolicy } from 'restart-policy';
import type { ProcessCommand } from 'restart-policy/adapters/process';
import type { Controller } from 'restart-policy/controller';
import { say } from './narrate.js';

const shell = (script: string): ProcessCommand => ({ command: '/bin/sh', args: ['-c', script] });

export const tourCommands: Readonly<Record<string, ProcessCommand>> = {
  crasher: shell('sleep 0.3; exit 7'),
  server: shell('sleep 3600'),
};

export const tour = async (controller: Controller): Promise<number> => {
  const crashing = restartPolicy({ mode: 'on_failure', backoff: '2s', maxAttempts: 3 });
  const serving = restartPolicy({ mode: 'always', backoff: '1s' });
  if (crashing._tag === 'Left' || serving._tag === 'Left') return 1;

  say('a command that exits with code 7 after 0.3 s, under on_failure, backoff 2s, max_attempts 3');
  await controller.updatePolicy('crasher', crashing.right)();
  await controller.manualStart('crasher')();
  if (!(await until(controller, 'crasher', 'max_attempts_exceeded'))) return 1;

  say('a server under always, backoff 1s, that a person stops');
  await controller.updatePolicy('server', serving.right)();
  await controller.manualStart('server')();
  await controller.manualStop('server')();
  await sleep(3_000); // three times the backoff
  await controller.reconcile('server')();
  const held = await controller.status('server')();
  const stayed = held._tag === 'Right' && held.right?.instance?.state === 'stopped';

  say(stayed ? 'three backoffs later it is still stopped: that is the point' : 'it did not stay stopped');
  return stayed ? 0 : 1;
};

/** Waits up to 10 s until the instance is blocked for that reason; answers whether it is. */
const until = async (controller: Controller, id: string, blocked: string): Promise<boolean> => {
  for (let waited = 0; waited < 10_000; waited += 100) {
    const report = await controller.status(id)();
    if (report._tag === 'Right' && report.right?.status.blockedReason === blocked) return true;
    await sleep(100);
  }
  return false;
};
