/**
 * A record as the text that a database keeps: policy and status in their wire form (`restart-policy/codec`), as JSON.
 */
import { type Either, isLeft, left, right, tryCatch } from 'fp-ts/lib/Either.js';
import {
  type DecodeError,
  decodeRestartPolicy,
  decodeRestartStatus,
  RestartPolicyCodec,
  RestartStatusCodec,
} from '../../codec.js';
import {
  type InstanceId,
  type InvalidRecord,
  invalidRecord,
  type RestartRecord,
  type Revision,
  type StoredRecord,
  type StoreFailed,
  storeFailed,
} from '../../ports/store.js';

/** Text that comes back as it went in: a NUL ends a text in some drivers, half a surrogate pair is lost in UTF-8. */
export const comesBack = (text: string): boolean => !/\0|\p{Surrogate}/u.test(text);

export interface RecordText {
  readonly policy: string;
  readonly status: string;
}

/** Left: what does not decode could never be read again, and would stand in the way for good. */
export const encodeRecord = (id: InstanceId, record: RestartRecord): Either<StoreFailed, RecordText> => {
  const { policy, status } = record;
  if (!RestartPolicyCodec.is(policy) || !RestartStatusCodec.is(status)) return left(notReadable(id, record));
  return right({
    policy: JSON.stringify(RestartPolicyCodec.encode(policy)),
    status: JSON.stringify(RestartStatusCodec.encode(status)),
  });
};

export const notReadable = (id: InstanceId, { policy, status }: RestartRecord): StoreFailed =>
  storeFailed(`not a record that can be read back: ${JSON.stringify({ id, policy, status })}`);

/** Left: all that is wrong with what is kept. */
export const decodeRecord = (
  id: InstanceId,
  kept: { readonly policy: unknown; readonly status: unknown },
  revision: Revision,
): Either<InvalidRecord, StoredRecord> => {
  const policy = decodeJson('restart_policy', kept.policy, decodeRestartPolicy);
  const status = decodeJson('restart_status', kept.status, decodeRestartStatus);
  if (policy._tag === 'Right' && status._tag === 'Right') {
    return right({ policy: policy.right, status: status.right, revision });
  }
  return left(
    invalidRecord(
      id,
      [policy, status].flatMap((part) => (isLeft(part) ? part.left : [])),
    ),
  );
};

const decodeJson = <A>(
  path: string,
  text: unknown,
  decode: (value: unknown) => Either<ReadonlyArray<DecodeError>, A>,
): Either<ReadonlyArray<string>, A> => {
  if (typeof text !== 'string') return left([`${path} must be JSON text`]);
  const parsed = tryCatch((): unknown => JSON.parse(text), String);
  if (isLeft(parsed)) return left([`${path} must be JSON text: ${parsed.left}`]);
  const decoded = decode(parsed.right);
  return isLeft(decoded) ? left(decoded.left.map(({ message }) => message)) : decoded;
};
