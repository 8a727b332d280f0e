/**
 * A decision, saved and then notified: the one way from an event to a changed record.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { type Decision, decide } from '../decide.js';
import { right } from '../either.js';
import { policyUpdated, type RestartEvent } from '../event.js';
import { policyDefaults, type RestartPolicy } from '../policy.js';
import {
  asItStands,
  type Conflict,
  type InstanceId,
  type InvalidRecord,
  type RecordToSave,
  type RestartRecord,
  type Revision,
  type StoreFailed,
} from '../ports/store.js';
import { initialStatus, type Timestamp } from '../status.js';
import type { Context } from './context.js';

/** What the decision is made on. `revision` null: there is no record yet. */
export interface Found extends RestartRecord {
  readonly revision: Revision | null;
}

export interface Committed extends Decision {
  /** The revision at which the status of the decision stands in the store. */
  readonly revision: Revision;
}

/** At once where nothing had to be saved. */
export type Answer<A> = Either<StoreFailed | Conflict, A> | Promise<Either<StoreFailed | Conflict, A>>;

/** Saves what the event makes of the record, if anything changed; a record that is not there yet is written. */
export const commit = (context: Context, id: InstanceId, found: Found, event: RestartEvent): Answer<Committed> =>
  persist(context, id, found, make(context, found, event), 'a change');

/** As `commit`; null, and nothing was saved or notified: the decision has an action, which may not be made now. */
export const commitIfAdmitted = (
  context: Context,
  id: InstanceId,
  found: Found,
  event: RestartEvent,
  isAdmitted: (now: Timestamp) => boolean,
): Answer<Committed | null> => {
  const made = make(context, found, event);
  const isHeldBack = made.decision.actions.length > 0 && !isAdmitted(made.now);
  return isHeldBack ? right(null) : persist(context, id, found, made, 'a change');
};

/** Saves a person's command; always a new revision, so that every permit drawn before is void. */
export const commitCommand = (context: Context, id: InstanceId, found: Found, event: RestartEvent): Answer<Committed> =>
  persist(context, id, found, make(context, found, event), 'every command');

/**
 * Saves a person's stop over a record that cannot be read whole. Its policy stays as it stands, for a version that can
 * read it.
 */
export const commitOver = (
  context: Context,
  id: InstanceId,
  { policy, status, revision }: InvalidRecord,
  event: RestartEvent,
): Answer<Committed> => {
  const found = { policy: policy ?? policyDefaults, status: status ?? initialStatus, revision };
  return persist(context, id, found, make(context, found, event), 'every command', asItStands);
};

/** Saves a policy over a record that cannot be read whole. A status that cannot be read stays as it stands, and undecided. */
export const savePolicyOver = async (
  context: Context,
  id: InstanceId,
  { status, revision: expected }: InvalidRecord,
  policy: RestartPolicy,
): Promise<Either<StoreFailed | Conflict, Revision>> => {
  if (status === null) return context.ports.save(id, { policy, status: asItStands }, expected);
  const saved = await commitCommand(context, id, { policy, status, revision: expected }, policyUpdated);
  return saved._tag === 'Left' ? saved : right(saved.right.revision);
};

/** A decision that is not saved yet. */
interface Made {
  readonly event: RestartEvent;
  readonly now: Timestamp;
  readonly decision: Decision;
}

const make = ({ clock }: Context, { policy, status }: Found, event: RestartEvent): Made => {
  const now = clock.now();
  return { event, now, decision: decide(policy, status, event, now) };
};

/** Where nothing is saved the answer is there at once: that is most decisions, and to await them would cost more than they do. */
const persist = (
  context: Context,
  id: InstanceId,
  found: Found,
  made: Made,
  saves: 'a change' | 'every command',
  savedPolicy: RecordToSave['policy'] = found.policy,
): Answer<Committed> => {
  const { revision } = found;
  const { status } = made.decision;
  if (saves === 'a change' && revision !== null && status === found.status) {
    return right(committed(context, id, found, made, revision));
  }
  return context.ports
    .save(id, { policy: savedPolicy, status }, revision)
    .then((saved) => (saved._tag === 'Left' ? saved : right(committed(context, id, found, made, saved.right))));
};

/** Tells of the decision, once it stands in the store. */
const committed = (
  context: Context,
  id: InstanceId,
  { policy, status: before }: Found,
  { event, now, decision }: Made,
  revision: Revision,
): Committed => {
  const { status, actions, reason } = decision;
  context.notify({ id, event, policy, before, after: status, actions, reason, revision, now });
  return { status, actions, reason, revision };
};
