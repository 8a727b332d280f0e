/** Notifies when a start or a stop has been answered: the process adapter itself notifies of ends only. */
import type { Hypervisor, InstanceId } from 'restart-policy/controller';

export const notifyOfStarts = (hypervisor: Hypervisor, onEnd: (id: InstanceId) => void): Hypervisor => {
  const notifying =
    (act: 'start' | 'stop'): Hypervisor['start'] =>
    (id, permit) =>
    async () => {
      const result = await hypervisor[act](id, permit)();
      onEnd(id);
      return result;
    };
  return { ...hypervisor, start: notifying('start'), stop: notifying('stop') };
};
