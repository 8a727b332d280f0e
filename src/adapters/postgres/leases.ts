/**
 * What an owner of leases does over time: it takes and renews them, and watches for those of others to become free. The
 * table keeps the leases, and all the SQL is there.
 *
 * What is remembered here only saves queries: whether a lease is good, the table says at the check.
 */
import { type Either, right } from 'fp-ts/lib/Either.js';
import type { Millis } from '../../duration.js';
import type { Cancel, Clock } from '../../ports/clock.js';
import type { Lease, Leases } from '../../ports/leases.js';
import type { InstanceId, StoreFailed } from '../../ports/store.js';
import type { Timestamp } from '../../status.js';
import { createListeners } from '../common/listeners.js';
import type { LeaseTable, Owner } from './lease-table.js';

export interface Leasing {
  /** How long an owner lives after its last renewal. */
  readonly ttl: Millis;
  /** Whether an instance is for this owner to have. */
  readonly accepts: (id: InstanceId) => boolean;
}

export const createLeases = (table: LeaseTable, clock: Clock, { ttl, accepts }: Leasing): Leases => {
  const renewEvery = Math.ceil(ttl / 3);
  /** From a renewal or a survey that failed to the next: soon, because our leases are running out. */
  const againAfter = Math.ceil(ttl / 10);
  /** Who we are; null: not registered, or lapsed. `trustedUntil`: until then, by our own clock, we cannot have lapsed. */
  let me: { readonly owner: Owner; readonly trustedUntil: Timestamp } | null = null;
  const held = new Map<InstanceId, Lease>();
  /** We lapsed, or a hold failed: as soon as a renewal succeeds, everything is to be reconciled. */
  let owesResync = false;
  let closed = false;
  let closing: Promise<void> | null = null;
  const { subscribe, notify } = createListeners<InstanceId | null>();
  let unsubscribe: Cancel | null = null;
  let renewal: Cancel | null = null;
  let survey: { readonly at: Timestamp; readonly cancel: Cancel } | null = null;

  // -------------------------------------------------------------------------
  // the owner
  // -------------------------------------------------------------------------

  const confirmIn = (span: Millis): void => {
    renewal?.();
    renewal = closed ? null : clock.wakeAt(clock.now() + span, () => void confirm());
  };

  const confirmOnce = async (): Promise<Either<StoreFailed, Owner>> => {
    confirmIn(renewEvery);
    const confirmed = await renewOrRegister();
    if (confirmed._tag === 'Left') confirmIn(againAfter);
    else if (owesResync && !closed) {
      owesResync = false;
      notify(null);
    }
    return confirmed;
  };

  /** Registers a new owner if there is none to renew. */
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
      owesResync = true;
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
  // the leases of others
  // -------------------------------------------------------------------------

  /** Surveys the leases of others in so many milliseconds, or before. */
  const surveyIn = (span: Millis): void => {
    const at = clock.now() + span;
    if (closed || (survey !== null && survey.at <= at)) return;
    survey?.cancel();
    survey = {
      at,
      cancel: clock.wakeAt(at, () => {
        survey = null;
        void surveyOthers();
      }),
    };
  };

  const surveyOthers = async (): Promise<void> => {
    if (closed) return;
    const seen = await table.survey(me?.owner ?? nobody);
    if (seen._tag === 'Left') return surveyIn(againAfter);
    const { free, nextIn } = seen.right;
    if (nextIn !== null) surveyIn(nextIn);
    if (closed) return;
    for (const id of free) if (accepts(id)) notify(id);
  };

  const onChange = (released: InstanceId | null): void => {
    if (released === null || released === '') void surveyOthers();
    if (released !== '') notify(released);
  };

  // -------------------------------------------------------------------------
  // our leases
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
    const row = found.right;
    if (row !== null && row.remaining > 0) {
      // Ours, yet unknown here: it was taken by a call whose answer was lost.
      if (row.owner === owner) return keep(owner, { id, epoch: row.epoch });
      surveyIn(row.remaining);
      return right(null);
    }
    const taken = await table.take(id, owner, row?.epoch ?? null);
    if (taken._tag === 'Left') return taken;
    if (taken.right !== null) return keep(owner, taken.right);
    // Another owner was quicker. It may die at any time, so its lease is surveyed too.
    surveyIn(ttl);
    return right(null);
  };

  /** Remembers a lease, unless we lapsed meanwhile: then everything will be reconciled again anyway. */
  const keep = (owner: Owner, lease: Lease): Either<StoreFailed, Lease | null> => {
    if (closed || me?.owner !== owner) return right(null);
    held.set(lease.id, lease);
    return right(lease);
  };

  const check = async (lease: Lease): Promise<Either<StoreFailed, boolean>> => {
    const good = await table.isGood(lease);
    // Else the next hold would answer with a lease that is known to be lost.
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
    unsubscribe?.();
    survey?.cancel();
    await confirming;
    renewal?.();
    held.clear();
    // Should it fail, the leases become free when they lapse.
    if (me !== null) await table.retire(me.owner);
  };

  return {
    hold: (id) => async () => {
      const answer = await hold(id);
      if (answer._tag === 'Left') owesResync = true;
      return answer;
    },
    check: (lease) => () => check(lease),
    release: (id) => () => release(id),
    subscribe: (listener) => {
      const cancel = subscribe(listener);
      unsubscribe ??= table.subscribe(onChange);
      return cancel;
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
};

/** No owner has this number. */
const nobody: Owner = 0;
