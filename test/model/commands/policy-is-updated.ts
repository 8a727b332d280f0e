import type { RestartPolicy } from '../../../src/policy.js';
import type { InstanceId } from '../../../src/ports/store.js';
import { type Command, isAsked } from './command.js';

export const policyIsUpdated = (id: InstanceId, policy: RestartPolicy): Command =>
  isAsked(id, `${id} gets the policy ${JSON.stringify(policy)}`, {
    model: (model) => model.update(id, policy),
    system: (system) => system.ask(system.controller().updatePolicy(id, policy)),
  });
