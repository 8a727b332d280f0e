/**
 * Entries of a history as rows: what is asked for in columns, and the rest as JSON text, under names that SQL is at home with.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from '../../either.js';
import { endCauses } from '../../event.js';
import {
  type HistoryEntry,
  type HistoryPage,
  type HistoryTag,
  historyCommands,
  historyTags,
  runEnders,
  troubles,
} from '../../ports/history.js';
import { cursorOf } from '../../ports/history-query.js';
import type { ActionError } from '../../ports/hypervisor.js';
import { restartReasons } from '../../reason.js';
import { isTimestamp } from '../../time.js';
import { isOneOf } from '../../validation.js';
import { column } from './record-text.js';

/** A row that is to be written. */
export interface HistoryRow {
  readonly id: string;
  readonly at: number;
  /** `run_ended`, `attempt`, ... */
  readonly kind: string;
  /** When the run began that ended: what tells one end from another. null: it is no end. */
  readonly run: number | null;
  /** The rest, as JSON text. */
  readonly entry: string;
}

// ---------------------------------------------------------------------------
// names
// ---------------------------------------------------------------------------

const snake = (name: string): string => name.replace(/(?<!^)[A-Z]/g, '_$&').toLowerCase();

export const kindOf = (tag: HistoryTag): string => kinds[tag];

const kinds = Object.fromEntries(historyTags.map((tag) => [tag, snake(tag)])) as Readonly<Record<HistoryTag, string>>;

const tagOf: ReadonlyMap<unknown, HistoryTag> = new Map(historyTags.map((tag) => [kinds[tag], tag]));

// ---------------------------------------------------------------------------
// fields
// ---------------------------------------------------------------------------

/** The value of a field, or undefined where it is none. */
type Field<A> = (u: unknown) => u is A;

const orNull =
  <A>(field: Field<A>): Field<A | null> =>
  (u): u is A | null =>
    u === null || field(u);

const oneOf =
  <A extends string>(set: ReadonlyArray<A>): Field<A> =>
  (u): u is A =>
    isOneOf(set, u);

const aNumber: Field<number> = (u): u is number => typeof u === 'number' && Number.isFinite(u);
const aText: Field<string> = (u): u is string => typeof u === 'string';
const aBoolean: Field<boolean> = (u): u is boolean => typeof u === 'boolean';

const errors: Readonly<Record<ActionError['_tag'], true>> = {
  Refused: true,
  Superseded: true,
  Failed: true,
  StoreFailed: true,
  InvalidRecord: true,
};

type Said<Tag extends HistoryTag> = Omit<Extract<HistoryEntry, { readonly _tag: Tag }>, '_tag' | 'id' | 'at'>;

/** What each kind of entry has, and what it must be. A field that is added and has no line here does not compile. */
const fields: { readonly [Tag in HistoryTag]: { readonly [Name in keyof Said<Tag>]-?: Field<Said<Tag>[Name]> } } = {
  RunEnded: {
    startedAt: isTimestamp,
    stoppedAt: orNull(isTimestamp),
    lasted: orNull(aNumber),
    exitCode: orNull(aNumber),
    cause: oneOf(endCauses),
    by: oneOf(runEnders),
    reason: orNull(oneOf(restartReasons)),
  },
  Attempt: { attempt: aNumber, action: oneOf(['Start', 'Restart']), why: oneOf(troubles), counted: aBoolean },
  AttemptFailed: {
    attempt: aNumber,
    during: orNull(oneOf(['start', 'stop'])),
    message: orNull(aText),
    nextAttemptAt: orNull(isTimestamp),
  },
  Unwell: { why: oneOf(['unhealthy', 'start_timeout']), nextAttemptAt: orNull(isTimestamp) },
  Recovered: {},
  Blocked: { attempts: aNumber, why: oneOf(troubles), until: orNull(isTimestamp) },
  WindowOver: { why: oneOf(['stable', 'cooldown']), attempts: aNumber },
  Command: { command: oneOf(historyCommands), reason: oneOf(restartReasons) },
  CommandFailed: {
    command: oneOf(historyCommands),
    error: oneOf(Object.keys(errors) as ReadonlyArray<ActionError['_tag']>),
    message: orNull(aText),
  },
};

// ---------------------------------------------------------------------------
// writing
// ---------------------------------------------------------------------------

/** What no database keeps: a NUL, and half a surrogate pair. */
const keepable = (value: unknown): unknown =>
  typeof value === 'string' ? value.replace(/\0|\p{Surrogate}/gu, '\ufffd') : value;

/** Left: it could not be read again. */
export const encodeEntry = (entry: HistoryEntry): Either<string, HistoryRow> => {
  const { _tag, id, at } = entry;
  const own = isOneOf(historyTags, _tag) ? Object.entries<Field<unknown>>(fields[_tag]) : null;
  const wrong = own?.find(([name, holds]) => !holds(Reflect.get(entry, name)))?.[0] ?? (isTimestamp(at) ? null : 'at');
  if (own === null || wrong !== null) return left(`an entry ${JSON.stringify(_tag)} with a wrong ${wrong ?? 'tag'}`);
  const said = own.flatMap(([name]) => {
    const value: unknown = Reflect.get(entry, name);
    return value === null ? [] : [[snake(name), keepable(value)]];
  });
  const run = _tag === 'RunEnded' ? entry.startedAt : null;
  return right({ id, at, kind: kindOf(_tag), run, entry: JSON.stringify(Object.fromEntries(said)) });
};

// ---------------------------------------------------------------------------
// reading
// ---------------------------------------------------------------------------

/** null: it cannot be read. What a later version has added to an entry is left out. */
const decodeEntry = (row: unknown): HistoryEntry | null => {
  const tag = tagOf.get(column(row, 'kind'));
  const text = column(row, 'entry');
  const at = Number(column(row, 'at'));
  if (tag === undefined || typeof text !== 'string' || !isTimestamp(at)) return null;
  const said = parse(text);
  if (said === null) return null;
  const entry: Record<string, unknown> = { _tag: tag, id: String(column(row, 'id')), at };
  for (const [name, holds] of Object.entries<Field<unknown>>(fields[tag])) {
    const value: unknown = (Object.hasOwn(said, snake(name)) ? Reflect.get(said, snake(name)) : null) ?? null;
    if (!holds(value)) return null;
    entry[name] = value;
  }
  return entry as unknown as HistoryEntry;
};

const parse = (text: string): object | null => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
};

/** Rows with the columns place, id, at, kind and entry, of which one more was asked for than the page has. */
export const pageOfRows = (rows: ReadonlyArray<unknown>, limit: number, of: 'instance' | 'span'): HistoryPage => {
  const shown = rows.slice(0, limit);
  const entries = shown.map(decodeEntry);
  const last = shown.at(-1);
  return {
    entries: entries.filter((entry) => entry !== null),
    next:
      rows.length > limit
        ? cursorOf(of, { at: Number(column(last, 'at')), place: Number(column(last, 'place')) })
        : null,
    unreadable: entries.filter((entry) => entry === null).length,
  };
};
