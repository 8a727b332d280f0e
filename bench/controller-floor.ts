/**
 * The floor of the controller: one function, written by hand, that makes the port calls of the protocol in its order,
 * and decides by `decide` and `nextWakeAt` as the controller does. Serial per instance; what is notified while it is at
 * work on an instance leads to another round, unless that was to come anyway.
 *
 * It is whole for what supervision itself does: compare-and-set, the permit, repair of what a person stopped, a failed
 * attempt. It knows no command of a person, no health reports, no salt, no leases, no admission, no limit of what goes on
 * at a time, no deadlines, no listeners, no report of faults, and no port that throws.
 */
import { left, right } from 'fp-ts/lib/Either.js';
import { attemptFailed, decide, nextWakeAt, observed, type RestartStatus } from 'restart-policy';
import {
  type Cancel,
  type Clock,
  type Hypervisor,
  type InstanceId,
  type Permit,
  type Revision,
  type Store,
  type StoredRecord,
  superseded,
} from 'restart-policy/controller';

interface Instance {
  busy: boolean;
  wanted: boolean;
  cancel: Cancel | null;
}

export interface Ports {
  readonly store: Store;
  readonly hypervisor: Hypervisor;
  readonly clock: Clock;
}

export const superviseByHand = async ({ store, hypervisor, clock }: Ports): Promise<Cancel> => {
  const instances = new Map<InstanceId, Instance>();

  const want = (id: InstanceId): void => {
    let instance = instances.get(id);
    if (instance === undefined) {
      instance = { busy: false, wanted: false, cancel: null };
      instances.set(id, instance);
    }
    instance.wanted = true;
    if (!instance.busy) void supervise(id, instance);
  };

  const permitOf = (id: InstanceId, revision: Revision, holds: (record: StoredRecord) => boolean): Permit => ({
    revision,
    check: async () => {
      const loaded = await store.load(id)();
      if (loaded._tag === 'Left') return loaded;
      return loaded.right._tag === 'Some' && holds(loaded.right.value) ? right(undefined) : left(superseded);
    },
  });

  const charge = async (id: InstanceId, attempt: RestartStatus): Promise<void> => {
    for (;;) {
      const loaded = await store.load(id)();
      if (loaded._tag === 'Left' || loaded.right._tag === 'None') return;
      const { policy, status, revision } = loaded.right.value;
      if (status.attempts !== attempt.attempts || status.lastAttemptAt !== attempt.lastAttemptAt) return;
      const decision = decide(policy, status, attemptFailed(status.attempts), clock.now());
      if (decision.status === status) return;
      const saved = await store.save(id, { policy, status: decision.status }, revision)();
      if (saved._tag === 'Right' || saved.left._tag !== 'Conflict') return;
    }
  };

  const supervise = async (id: InstanceId, instance: Instance): Promise<void> => {
    instance.busy = true;
    while (instance.wanted) {
      // Here and not at the end: what is notified from now on may be about what this round does not see.
      instance.wanted = false;
      const loaded = await store.load(id)();
      if (loaded._tag === 'Left') continue;
      if (loaded.right._tag === 'None') {
        instance.cancel?.();
        instance.cancel = null;
        continue;
      }
      const { policy, status, revision } = loaded.right.value;
      const inspected = await hypervisor.inspect(id)();
      if (inspected._tag === 'Left') continue;
      const { state } = inspected.right;
      if (status.blockedReason === 'manual_stop' && (state === 'initializing' || state === 'running')) {
        await hypervisor.stop(
          id,
          permitOf(id, revision, (record) => record.status.blockedReason === 'manual_stop'),
        )();
        continue;
      }

      const decision = decide(policy, status, observed(inspected.right), clock.now());
      let at = revision;
      if (decision.status !== status) {
        const saved = await store.save(id, { policy, status: decision.status }, revision)();
        if (saved._tag === 'Left') {
          instance.wanted ||= saved.left._tag === 'Conflict';
          continue;
        }
        at = saved.right;
      }
      const action = decision.actions[0];
      if (action === undefined) {
        const wakeAt = nextWakeAt(policy, decision.status, inspected.right);
        instance.cancel?.();
        instance.cancel = wakeAt === null ? null : clock.wakeAt(wakeAt, () => want(id));
        continue;
      }

      const permit = permitOf(id, at, (record) => record.revision === at && record.status.blockedReason === null);
      const stopped = action._tag === 'Restart' ? await hypervisor.stop(id, permit)() : null;
      const acted = stopped?._tag === 'Left' ? stopped : await hypervisor.start(id, permit)();
      if (acted._tag === 'Left' && acted.left._tag !== 'Superseded') await charge(id, decision.status);
      // The next round begins with the record that is read again after a start.
      instance.wanted = true;
    }
    instance.busy = false;
  };

  const unsubscribe = hypervisor.subscribe(want);
  const ids = await store.list();
  if (ids._tag === 'Right') ids.right.forEach(want);
  return () => {
    unsubscribe();
    for (const { cancel } of instances.values()) cancel?.();
  };
};
