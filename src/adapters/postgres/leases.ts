/**
 * What an owner of leases does over time: it takes and renews them, and watches for those of others to become free. The
 * table keeps the leases, and all the SQL is there.
 *
 * What is remembered here only saves queries: whether a lease is good, the table says at the check.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { formatDuration, type Millis } from '../../duration.js';
import { left, right } from '../../either.js';
import type { PortCall } from '../../ports/call.js';
import type { Cancel, Clock } from '../../ports/clock.js';
import type { Lease, Leases } from '../../ports/leases.js';
import { type InstanceId, type StoreFailed, storeFailed } from '../../ports/store.js';
import type { Timestamp } from '../../status.js';
import { createListeners } from '../common/listeners.js';
import type { LeaseTable, Owner } from './lease-table.js';

export interface Leasing {
  /** How long an owner lives after its last renewal. */
  readonly ttl: Millis;
  /** Whether an instance is for this owner to have. */
  readonly accepts: (id: InstanceId) => boolean;
}

/** So many free leases are notified of in one turn of the event loop: those of a controller that died may be a whole fleet's. */
const mostAtOnce = 500;

export const createLeases = (table: LeaseTable, clock: Clock, { ttl, accepts }: Leasing): Leases => {
  const renewEvery = Math.ceil(ttl / 3);
  /** From a renewal or a survey that failed to the next: soon, because our leases are running out. */
  const againAfter = Math.ceil(ttl / 10);
  /** Who we are; null: not registered, or lapsed. `trustedUntil`: until then, by our own clock, we cannot have lapsed. */
  let me: { readonly owner: Owner; readonly trustedUntil: Timestamp } | null = null;
  const held = new Map<InstanceId, Lease>();
  /** We lapsed, or a hold failed: as soon as a renewal succeeds, everything is to be reconciled. */
  let owesResync = false;
  /** Closed: what is renewed all the same. null: not closed. */
  let kept: ReadonlySet<InstanceId> | null = null;
  let closing: Promise<void> = Promise.resolve();
  const { subscribe, notify } = createListeners<InstanceId | null>();
  let unsubscribe: Cancel | null = null;
  let renewal: Cancel | null = null;
  let survey: { readonly at: Timestamp; readonly cancel: Cancel } | null = null;

  // -------------------------------------------------------------------------
  // the owner
  // -------------------------------------------------------------------------

  const confirmIn = (span: Millis): void => {
    renewal?.();
    renewal = kept?.size === 0 ? null : clock.wakeAt(clock.now() + span, () => void confirm());
  };

  /**
   * Gives a call up in which no caller has a say, such as the renewal that all of them wait for: by then it would be made
   * again. Whether or not it ends then, nobody waits for it any longer.
   */
  const inTime = async <A>(
    run: (call: PortCall) => Promise<Either<StoreFailed, A>>,
  ): Promise<Either<StoreFailed, A>> => {
    const controller = new AbortController();
    let cancel: Cancel = () => {};
    const late = new Promise<Either<StoreFailed, A>>((resolve) => {
      cancel = clock.wakeAt(clock.now() + renewEvery, () => {
        controller.abort();
        resolve(left(storeFailed(`no answer about leases within ${formatDuration(renewEvery)}`)));
      });
    });
    const answer = await Promise.race([run({ signal: controller.signal }), late]);
    cancel();
    return answer;
  };

  const confirmOnce = async (): Promise<Either<StoreFailed, Owner>> => {
    confirmIn(renewEvery);
    const confirmed = await renewOrRegister();
    if (confirmed._tag === 'Left') confirmIn(againAfter);
    // What was taken while these leases closed, or was not let go of then, must not be renewed with what is kept.
    else if (kept !== null && kept.size > 0) await releaseOthers(confirmed.right, kept);
    else if (kept === null && owesResync) {
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
      const renewed = await inTime((call) => table.renew(owner, ttl, call));
      if (renewed._tag === 'Left') return renewed;
      if (renewed.right) {
        me = { owner, trustedUntil };
        return right(owner);
      }
      me = null;
      held.clear();
      owesResync = true;
    }
    if (kept !== null) {
      kept = new Set();
      return left(storeFailed('these leases are closed, and have lapsed'));
    }
    const trustedUntil = clock.now() + ttl;
    const registered = await inTime((call) => table.register(ttl, call));
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
    if (kept !== null || (survey !== null && survey.at <= at)) return;
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
    if (kept !== null) return;
    const seen = await inTime((call) => table.survey(me?.owner ?? nobody, call));
    if (seen._tag === 'Left') return surveyIn(againAfter);
    const { free, nextIn } = seen.right;
    if (nextIn !== null) surveyIn(nextIn);
    for (const [place, id] of free.entries()) {
      if (place % mostAtOnce === mostAtOnce - 1) await clock.nextTurn?.();
      if (kept !== null) return;
      if (accepts(id)) notify(id);
    }
  };

  const onChange = (released: InstanceId | null): void => {
    if (released === null || released === '') void surveyOthers();
    if (released !== '') notify(released);
  };

  // -------------------------------------------------------------------------
  // our leases
  // -------------------------------------------------------------------------

  const hold = async (id: InstanceId, call?: PortCall): Promise<Either<StoreFailed, Lease | null>> => {
    if (kept !== null) return right(held.get(id) ?? null);
    if (!accepts(id)) {
      const released = await release(id, call);
      return released._tag === 'Left' ? released : right(null);
    }
    const confirmed = me !== null && clock.now() < me.trustedUntil ? right(me.owner) : await confirm();
    if (confirmed._tag === 'Left') return confirmed;
    const owner = confirmed.right;
    const known = held.get(id);
    if (known !== undefined) return right(known);

    const found = await table.find(id, call);
    if (found._tag === 'Left') return found;
    const row = found.right;
    if (row !== null && row.remaining > 0) {
      // Ours, yet unknown here: it was taken by a call whose answer was lost.
      if (row.owner === owner) return remember(owner, { id, epoch: row.epoch });
      surveyIn(row.remaining);
      return right(null);
    }
    const taken = await table.take(id, owner, row?.epoch ?? null, call);
    if (taken._tag === 'Left') return taken;
    if (taken.right !== null) return remember(owner, taken.right);
    // Another owner was quicker. It may die at any time, so its lease is surveyed too.
    surveyIn(ttl);
    return right(null);
  };

  /** Unless we lapsed or closed meanwhile: then everything will be reconciled again anyway, or never by us. */
  const remember = (owner: Owner, lease: Lease): Either<StoreFailed, Lease | null> => {
    if (kept !== null || me?.owner !== owner) return right(null);
    held.set(lease.id, lease);
    return right(lease);
  };

  const check = async (lease: Lease, call?: PortCall): Promise<Either<StoreFailed, boolean>> => {
    const good = await table.isGood(lease, call);
    // Else the next hold would answer with a lease that is known to be lost.
    if (good._tag === 'Right' && !good.right && held.get(lease.id)?.epoch === lease.epoch) held.delete(lease.id);
    return good;
  };

  const release = async (id: InstanceId, call?: PortCall): Promise<Either<StoreFailed, void>> => {
    const lease = held.get(id);
    if (lease === undefined) return right(undefined);
    held.delete(id);
    return table.release(lease, call);
  };

  const releaseOthers = (owner: Owner, keep: ReadonlySet<InstanceId>): Promise<Either<StoreFailed, void>> =>
    inTime((call) => table.releaseOthers(owner, [...keep], call));

  // -------------------------------------------------------------------------
  // the end
  // -------------------------------------------------------------------------

  const close = (keep: ReadonlyArray<InstanceId>): Promise<void> => {
    kept = new Set(keep.filter((id) => held.has(id)));
    for (const id of [...held.keys()]) if (!kept.has(id)) held.delete(id);
    unsubscribe?.();
    survey?.cancel();
    // One after the other: what the last one keeps is what counts.
    closing = closing.then(letGo);
    return closing;
  };

  const letGo = async (): Promise<void> => {
    await confirming;
    if (me === null || kept === null) return;
    const { owner } = me;
    if (kept.size > 0) return void (await releaseOthers(owner, kept));
    renewal?.();
    me = null;
    // Should it fail, the leases become free when they lapse.
    await inTime((call) => table.retire(owner, call));
  };

  return {
    hold: (id, call) => async () => {
      const answer = await hold(id, call);
      if (answer._tag === 'Left') owesResync = true;
      return answer;
    },
    check: (lease, call) => () => check(lease, call),
    release: (id, call) => () => release(id, call),
    subscribe: (listener) => {
      const cancel = subscribe(listener);
      unsubscribe ??= table.subscribe(onChange);
      return cancel;
    },
    close: (keep = []) => close(keep),
  };
};

/** No owner has this number. */
const nobody: Owner = 0;
