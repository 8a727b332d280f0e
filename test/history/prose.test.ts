/**
 * Entries in words: a clause for each kind, which reads well after "instance web-1: ".
 */
import { describe, expect, test } from 'vitest';
import { explainEntry, type HistoryEntry, type HistoryTag } from '../../src/history.js';

type Said<Tag extends HistoryTag> = Omit<Extract<HistoryEntry, { readonly _tag: Tag }>, '_tag' | 'id' | 'at'>;

const of = <Tag extends HistoryTag>(_tag: Tag, said: Said<Tag>, words: string) =>
  [words, { _tag, id: 'web', at: 60_000, ...said } as unknown as HistoryEntry] as const;

const ended = {
  startedAt: 0,
  stoppedAt: 60_000,
  lasted: 60_000,
  exitCode: 7,
  cause: 'exit',
  by: 'itself',
  reason: 'waiting_for_backoff',
} as const;
const killed = { ...ended, exitCode: null, cause: 'out_of_memory' } as const;
const unseen = { startedAt: 0, stoppedAt: null, lasted: null, exitCode: null, cause: 'unknown', reason: null } as const;

describe('an entry of a history', () => {
  test.each([
    of('RunEnded', ended, 'its run ended after 1m0s with exit code 7'),
    of('RunEnded', killed, 'its run ended after 1m0s, for want of memory'),
    of('RunEnded', { ...ended, by: 'person' }, 'a person ended its run after 1m0s with exit code 7'),
    // A stop is carried out by the host, which is no news, unlike an end by the host that nobody asked for.
    of('RunEnded', { ...ended, exitCode: null, cause: 'host' }, 'its run ended after 1m0s, by its host'),
    of('RunEnded', { ...ended, by: 'person', exitCode: null, cause: 'host' }, 'a person ended its run after 1m0s'),
    of('RunEnded', { ...ended, by: 'policy', exitCode: null, cause: 'unknown' }, 'its policy ended its run after 1m0s'),
    of('RunEnded', { ...unseen, by: 'itself' }, 'the run before this one ended, and nobody saw how'),
    of('RunEnded', { ...unseen, by: 'policy' }, 'its policy ended the run before this one, and nobody saw how'),
    of('RunEnded', { ...unseen, by: 'person' }, 'a person ended the run before this one, and nobody saw how'),
    of(
      'Attempt',
      { attempt: 2, action: 'Restart', why: 'unhealthy', counted: true },
      'attempt 2: it is stopped and started again, because it is unhealthy',
    ),
    of(
      'Attempt',
      { attempt: 0, action: 'Start', why: 'exit', counted: false },
      'an attempt that is not counted: it is started, because its run had ended',
    ),
    of(
      'AttemptFailed',
      { attempt: 1, during: 'stop', message: 'no answer', nextAttemptAt: 65_000 },
      'attempt 1 failed to stop it first: no answer; the next one is due at 1970-01-01T00:01:05Z',
    ),
    of('AttemptFailed', { attempt: 1, during: null, message: null, nextAttemptAt: null }, 'attempt 1 failed'),
    of(
      'Unwell',
      { why: 'start_timeout', nextAttemptAt: 65_000 },
      'it did not get going in time; an attempt is due at 1970-01-01T00:01:05Z',
    ),
    of('Recovered', {}, 'it recovered before an attempt was made'),
    of(
      'Blocked',
      { attempts: 1, why: 'exit', until: null },
      'its run had ended, and its 1 attempt is used up: no other is made until a person acts',
    ),
    of(
      'Blocked',
      { attempts: 3, why: 'exit', until: 65_000 },
      'its run had ended, and its 3 attempts are used up: the next one waits until 1970-01-01T00:01:05Z',
    ),
    of('WindowOver', { why: 'stable', attempts: 2 }, 'it was stable: a new failure window, after 2 attempts'),
    of('Command', { command: 'stop', reason: 'manual_stop_recorded' }, 'a person stopped it'),
    of(
      'Command',
      { command: 'resume', reason: 'not_paused' },
      'a person resumed its supervision, which was not paused',
    ),
    of(
      'CommandFailed',
      { command: 'stop', error: 'Refused', message: 'not allowed to end process 7' },
      "a person's stop was refused, and nothing was done: not allowed to end process 7",
    ),
    of(
      'CommandFailed',
      { command: 'delete', error: 'Failed', message: null },
      "a person's delete is recorded, and failed",
    ),
    of(
      'CommandFailed',
      { command: 'policy', error: 'Superseded', message: null },
      "a person's new policy was superseded by a later command",
    ),
  ])('reads: %s', (words, entry) => {
    expect(explainEntry(entry)).toBe(words);
  });
});
