/** Keeps one command alive until Ctrl-C, which is a manual stop. */
import type { RestartPolicy } from 'restart-policy';
import type { Controller } from 'restart-policy/controller';
import { say } from './narrate.js';

export const supervise = async (
  controller: Controller,
  id: string,
  policy: RestartPolicy,
  interrupted: Promise<unknown>,
): Promise<number> => {
  await controller.updatePolicy(id, policy)();
  const started = await controller.manualStart(id)();
  if (started._tag === 'Left') {
    console.error(`not started: ${'message' in started.left ? started.left.message : started.left._tag}`);
    return 1;
  }
  await interrupted;
  say('Ctrl-C: a manual stop');
  const stopped = await controller.manualStop(id)();
  return stopped._tag === 'Right' ? 0 : 1;
};
