/** The first day, by the former version: records of every kind that it knows. */
import { restartPolicy } from 'restart-policy';
import { hostOn } from './host.mjs';

const { controller, hypervisor, clock, person, crash, end } = await hostOn(1);

/** @type {(id: string, policy: any) => Promise<void>} */
const begin = async (id, policy) => {
  await person(controller.updatePolicy(id, /** @type {any} */ (restartPolicy(policy)).right));
  await person(controller.manualStart(id));
};
const always = { mode: 'always', backoff: '5s' };

await begin('counted', { mode: 'on_failure', backoff: '1m', maxAttempts: 5, stableAfter: '1h' });
await begin('blocked', { mode: 'on_failure', backoff: '5s', maxAttempts: 1 });
await begin('never', { mode: 'never' });
for (const id of ['stopped', 'stopped-later', 'unhealthy', 'renewed', 'paused', 'held']) await begin(id, always);

await crash('counted', 2); // one attempt; the next waits
await crash('blocked', 2);
await crash('stopped', 1);
hypervisor.set('unhealthy', { health: 'unhealthy' });
await clock.settle();
await person(controller.manualStop('stopped'));
await end();
