/**
 * The controller without what closes the race of the reference (D1): its permits hold whatever the record says, and
 * nothing but a person's own call stops an instance that a person stopped.
 */
import { right } from 'fp-ts/lib/Either.js';
import type { Controller, ControllerOptions } from '../../src/controller.js';
import type { Permit } from '../../src/ports/hypervisor.js';
import { controllerOf } from '../support/controller.js';

export const withoutPermitsAndRepair = (options: ControllerOptions): Controller => {
  const { hypervisor } = options;
  return controllerOf({
    ...options,
    hypervisor: {
      ...hypervisor,
      start: (id, permit) => hypervisor.start(id, holding(permit)),
      // A person's stop says how to take it back; a repair does not.
      stop: (id, permit) =>
        permit.onRefused === undefined ? async () => right(undefined) : hypervisor.stop(id, holding(permit)),
    },
  });
};

const holding = (permit: Permit): Permit => ({ ...permit, check: async () => right(undefined) });
