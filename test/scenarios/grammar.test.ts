import { describe, expect, test } from 'vitest';
import { playScenario } from './play.js';

const head = '# It holds.\npolicy always backoff=5s\n';

const play = (...lines: ReadonlyArray<string>) => playScenario('a.txt', `${head}${lines.join('\n')}\n`).text;

/** What is wrong with a text that is more than its first lines. */
const problem = (...lines: ReadonlyArray<string>): string => {
  try {
    play(...lines);
  } catch (error) {
    return String(error);
  }
  return 'nothing';
};

describe('the text of a scenario', () => {
  test('is written again with what follows behind each line, in columns', () => {
    expect(play('', '0s runs', '# An exit.', '2s   exits  with 1 | anything', '3s exits with 1')).toBe(
      [
        `${head}`,
        '0s  runs         | running',
        '# An exit.',
        '2s  exits with 1 | restart_after_exit: Start, attempt 1 | attempts=1 last_attempt_at=2s',
        '3s  exits with 1 | waiting_for_backoff                  | next_attempt_at=7s            | wakes 7s',
        '',
      ].join('\n'),
    );
  });

  test('that was written again comes out as it went in', () => {
    const text = play('0s runs', '1s exits with 1', '1s attempt 1 fails', '1s dies, unseen', '6s is reconciled');
    expect(playScenario('a.txt', text).text).toBe(text);
  });

  test('says in its first line why', () => {
    expect(() => playScenario('a.txt', 'policy always\n')).toThrow(
      'a.txt:1: expected "# " and a sentence that says why, got: policy always',
    );
  });

  test('says under which policy it begins, in the fields of the wire format', () => {
    expect(() => playScenario('a.txt', '# It holds.\n0s runs\n')).toThrow('a.txt:2: expected the policy that');
    expect(() => playScenario('a.txt', '# It holds.\n')).toThrow('a.txt:2: expected the policy that');
    expect(() => playScenario('a.txt', '# It holds.\npolicy sometimes max_attempt=3\n')).toThrow(
      'a.txt:2: expected a policy: restart_policy.policy must be one of never, always, on_failure',
    );
    expect(problem('policy never')).toContain('a.txt:3: expected a time before a policy that comes later');
    expect(problem('0s policy becomes always backoff')).toContain('a.txt:3: expected FIELD=VALUE, got: backoff');
  });
});

describe('a line', () => {
  test('that nobody understands is an error that lists what can happen', () => {
    expect(problem('0s runs', '1s exit with 1')).toMatch(
      /a\.txt:4: expected one of these[\s\S]*\n {2}exits with CODE [\s\S]*got: exit with 1$/,
    );
  });

  test('begins with a time, as a Go duration', () => {
    expect(problem('soon runs')).toContain(
      'a.txt:3: expected a time since the beginning, such as 0s or 1m30s, got: soon',
    );
    expect(problem('0s runs since yesterday')).toContain('got: yesterday');
    expect(problem('0s runs since -20m')).toBe('nothing');
  });

  test('comes no earlier than the line before, unless the clock is set back', () => {
    expect(problem('5s runs', '4s dies')).toContain('a.txt:4: expected a time not before that of the line before');
    expect(problem('5s runs', '4s clock is set back', '4s dies')).toBe('nothing');
    expect(problem('5s runs', '5s clock is set back')).toContain('a.txt:4: expected a time before that of the line');
  });

  test('wakes up only when the last decision asked for it', () => {
    expect(problem('0s runs', '5s wakes up')).toContain('a.txt:4: wakes up: the last decision asked for no wake-up');
    expect(problem('0s runs', '0s exits with 1', '0s exits with 1', '4s wakes up')).toContain('for a wake-up at 5s');
  });

  test('names another policy than the one in force, for an equal one is no update', () => {
    expect(problem('0s policy becomes always')).toContain('a.txt:3: policy becomes always: it is that already');
  });

  test('is unseen only if it says a fact', () => {
    expect(problem('0s person stops, unseen')).toContain('a.txt:3: expected no ", unseen" after what is no fact');
  });
});

describe('every word of the vocabulary', () => {
  test.each([
    ['person starts', 'manual_start'],
    ['person stops', 'manual_stop_recorded'],
    ['person deletes', 'delete_requested'],
    ['person pauses', 'pause_recorded'],
    ['person resumes', 'not_paused'],
    ['attempt 1 fails', 'stale'],
    ['policy becomes never', 'policy_updated'],
    ['policy becomes never backoff=7s, during an attempt', 'policy_updated'],
    ['is forked', 'reset'],
    ['is restored', 'reset'],
    ['initializes', 'initializing'],
    ['initializes since -1s', 'initializing'],
    ['runs', 'running'],
    ['exits with -1', 'restart_after_exit'],
    ['exits with 0 at an unknown time', 'restart_after_exit'],
    ['dies at 1s', 'restart_after_exit'],
    ['dies by panic', 'restart_after_exit'],
    ['exits with 0 by host at an unknown time', 'restart_after_exit'],
    ['is healthy', 'running'],
    ['is unhealthy', 'restart_after_unhealthy'],
    ['has no verdict', 'running'],
    ['is paused', 'not_actionable'],
    ['is reconciled', 'running'],
    ['store is put back to 0s', 'running'],
  ])('%s: %s', (what, reason) => {
    expect(play('0s runs', `2s ${what}`)).toContain(`${what} | ${reason}`);
  });
});
