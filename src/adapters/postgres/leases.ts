/**
 * What an owner of leases does over time: it takes, renews, and watches for those of others to become free. Where
 * leases are kept is the table's business; here is none of SQL.
 *
 * What this remembers only saves questions: a lease is good when the table says so at the check.
 */
import { type Either, right } from 'fp-ts/lib/Either.js';
import type { Millis } from '../../duration.js';
import type { Cancel, Clock } from '../../ports/clock.js';
import type { Lease, Leases } from '../../ports/leases.js';
import type { InstanceId, StoreFailed } from '../../ports/store.js';
import type { Timestamp } from '../../status.js';
import type { LeaseTable, Owner } from './lease-table.js';

export interface Leasing {
  /** How long an owner lives after its last renewal. */
  readonly ttl: Millis;
  /** Whether an instance is for this owner to have. */
  readonly accepts: (id: InstanceId) => boolean;
}

export const createLeases = (table: LeaseTable, clock: Clock, { ttl, accepts }: Leasing): Leases => {
  const renewEvery = Math.ceil(ttl / 3);
  /** After a renewal, or a question, that was not answered: soon, for what is held is running out. */
  const againAfter = Math.ceil(ttl / 10);
  /** Who we are; null: not registered, or lapsed. `trustedUntil`: until then by our own clock nobody need be asked. */
  let me: { readonly owner: Owner; readonly trustedUntil: Timestamp } | null = null;
  const held = new Map<InstanceId, Lease>();
  /** We lapsed, or could not answer somebody: when it works again, everything is to be looked at. */
  let owesLook = false;
  let closed = false;
  let closing: Promise<void> | null = null;
  const listeners = new Set<(id: InstanceId | null) => void>();
  let stopHearing: Cancel | null = null;
  let renewal: Cancel | null = null;
  let survey: { readonly at: Timestamp; readonly cancel: Cancel } | null = null;

  const tell = (id: InstanceId | null): void => {
    for (const listener of listeners) listener(id);
  };

  // -------------------------------------------------------------------------
  // being an owner
  // -------------------------------------------------------------------------

  const confirmIn = (span: Millis): void => {
    renewal?.();
    renewal = closed ? null : clock.wakeAt(clock.now() + span, () => void confirm());
  };

  const confirmOnce = async (): Promise<Either<StoreFailed, Owner>> => {
    confirmIn(renewEvery);
    const confirmed = await renewOrRegister();
    if (confirmed._tag === 'Left') confirmIn(againAfter);
    else if (owesLook && !closed) {
      owesLook = false;
      tell(null);
    }
    return confirmed;
  };

  /** A new owner where there is none to renew. */
  const renewOrRegister = async (): Promise<Either<StoreFailed, Owner>> => {
    if (me !== null) {
      const { owner } = me;
      const trustedUntil = clock.now() + ttl;
      const renewed = await table.renew(owner, ttl);
      if (renewed._tag === 'Left') return renewed;
      if (renewed.right) {
        me = { owner, trustedUntil };
        return right(owner);
      }
      me = null;
      held.clear();
      owesLook = true;
    }
    const trustedUntil = clock.now() + ttl;
    const registered = await table.register(ttl);
    if (registered._tag === 'Left') return registered;
    me = { owner: registered.right, trustedUntil };
    return registered;
  };

  let confirming: Promise<Either<StoreFailed, Owner>> | null = null;
  const confirm = (): Promise<Either<StoreFailed, Owner>> => {
    confirming ??= confirmOnce().finally(() => {
      confirming = null;
    });
    return confirming;
  };

  // -------------------------------------------------------------------------
  // watching others
  // -------------------------------------------------------------------------

  /** Looks around in so many milliseconds, or before. */
  const lookIn = (span: Millis): void => {
    const at = clock.now() + span;
    if (closed || (survey !== null && survey.at <= at)) return;
    survey?.cancel();
    survey = {
      at,
      cancel: clock.wakeAt(at, () => {
        survey = null;
        void lookAround();
      }),
    };
  };

  const lookAround = async (): Promise<void> => {
    if (closed) return;
    const seen = await table.survey(me?.owner ?? nobody);
    if (seen._tag === 'Left') return lookIn(againAfter);
    const { free, nextIn } = seen.right;
    if (nextIn !== null) lookIn(nextIn);
    if (closed) return;
    for (const id of free) if (accepts(id)) tell(id);
  };

  const hear = (released: InstanceId | null): void => {
    if (released === null || released === '') void lookAround();
    if (released !== '') tell(released);
  };

  // -------------------------------------------------------------------------
  // holding
  // -------------------------------------------------------------------------

  const hold = async (id: InstanceId): Promise<Either<StoreFailed, Lease | null>> => {
    if (closed) return right(null);
    if (!accepts(id)) {
      const released = await release(id);
      return released._tag === 'Left' ? released : right(null);
    }
    const confirmed = me !== null && clock.now() < me.trustedUntil ? right(me.owner) : await confirm();
    if (confirmed._tag === 'Left') return confirmed;
    const owner = confirmed.right;
    const known = held.get(id);
    if (known !== undefined) return right(known);

    const found = await table.find(id);
    if (found._tag === 'Left') return found;
    const standing = found.right;
    if (standing !== null && standing.remaining > 0) {
      // Ours, and not known: it was taken by a call whose answer was lost.
      if (standing.owner === owner) return keep(owner, { id, epoch: standing.epoch });
      lookIn(standing.remaining);
      return right(null);
    }
    const taken = await table.take(id, owner, standing?.epoch ?? null);
    if (taken._tag === 'Left') return taken;
    if (taken.right !== null) return keep(owner, taken.right);
    // Another was quicker, and may be gone as soon as it came.
    lookIn(ttl);
    return right(null);
  };

  /** Not if we lapsed meanwhile: who lapsed looks at everything again anyway. */
  const keep = (owner: Owner, lease: Lease): Either<StoreFailed, Lease | null> => {
    if (closed || me?.owner !== owner) return right(null);
    held.set(lease.id, lease);
    return right(lease);
  };

  const check = async (lease: Lease): Promise<Either<StoreFailed, boolean>> => {
    const good = await table.isGood(lease);
    // Else the next hold would answer with what has just been found to be over.
    if (good._tag === 'Right' && !good.right && held.get(lease.id)?.epoch === lease.epoch) held.delete(lease.id);
    return good;
  };

  const release = async (id: InstanceId): Promise<Either<StoreFailed, void>> => {
    const lease = held.get(id);
    if (lease === undefined) return right(undefined);
    held.delete(id);
    return table.release(lease);
  };

  const close = async (): Promise<void> => {
    closed = true;
    stopHearing?.();
    survey?.cancel();
    await confirming;
    renewal?.();
    held.clear();
    // Should it fail, what was held becomes free when it lapses.
    if (me !== null) await table.retire(me.owner);
  };

  return {
    hold: (id) => async () => {
      const answer = await hold(id);
      if (answer._tag === 'Left') owesLook = true;
      return answer;
    },
    check: (lease) => () => check(lease),
    release: (id) => () => release(id),
    subscribe: (listener) => {
      listeners.add(listener);
      stopHearing ??= table.subscribe(hear);
      return () => void listeners.delete(listener);
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
};

/** No owner has this number. */
const nobody: Owner = 0;
