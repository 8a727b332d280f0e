/** The second day, by the present version: what people do with what the former one left, also in words that it does not know. */
import { restartPolicy } from 'restart-policy';
import { hostOn } from './host.mjs';

const { controller, clock, person, crash, end } = await hostOn(2);

/** @type {(id: string, policy: any) => Promise<void>} */
const update = async (id, policy) =>
  person(controller.updatePolicy(id, /** @type {any} */ (restartPolicy(policy)).right));

const growing = { mode: 'always', backoff: '5s', maxBackoff: '5m', backoffFrom: 'exit', jitter: 0.5 };
const rules = [{ causes: ['host'], action: 'restart_uncounted' }];
await update('renewed', { ...growing, rules, startTimeout: '2m' });
await crash('renewed', 1);
await clock.advance(60_000);
await person(controller.pause('paused'));
await update('held', growing);
await person(controller.manualStop('held'));
await person(controller.manualStop('stopped-later'));
// New, and at its limit: the status has words of this version too.
await update('limited', { mode: 'always', backoff: '1s', maxAttempts: 2, limitInterval: '10m', cooldown: '12h' });
await person(controller.manualStart('limited'));
await crash('limited', 3);
await end();
