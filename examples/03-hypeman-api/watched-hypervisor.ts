/** Reports what came of each start and stop of a hypervisor, and how long it took. It changes nothing. */
import type { Either } from 'fp-ts/lib/Either.js';
import type { ActionError, Hypervisor, InstanceId, Permit, Revision } from 'restart-policy/controller';

export interface ActionEnd {
  readonly act: 'start' | 'stop';
  readonly id: InstanceId;
  /** Of the permit: an attempt of the controller and a person's command have different ones. */
  readonly revision: Revision;
  readonly result: Either<ActionError, void>;
  readonly seconds: number;
}

export const watchHypervisor = (hypervisor: Hypervisor, onEnd: (end: ActionEnd) => void): Hypervisor => {
  const watched =
    (act: ActionEnd['act']): Hypervisor['start'] =>
    (id: InstanceId, permit: Permit) =>
    async () => {
      const begun = performance.now();
      const result = await hypervisor[act](id, permit)();
      onEnd({ act, id, revision: permit.revision, result, seconds: (performance.now() - begun) / 1_000 });
      return result;
    };
  return { ...hypervisor, start: watched('start'), stop: watched('stop') };
};
