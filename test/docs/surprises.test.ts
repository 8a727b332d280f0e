/**
 * What may surprise whoever writes a policy or is on call: each sentence stands in the documents once, where it is met, and
 * is seen to be true here.
 */
import { readdirSync, readFileSync } from 'node:fs';
import {
  type Decision,
  decide,
  type InstanceObservation,
  initialStatus,
  nextWakeAt,
  observed,
  type RestartPolicy,
  type RestartStatus,
  saltOf,
  supervisionPaused,
  supervisionResumed,
  type Timestamp,
} from 'restart-policy';
import { decodeRestartStatus } from 'restart-policy/codec';
import { describe, expect, test } from 'vitest';
import { right } from '../support/either.js';

const root = new URL('../../', import.meta.url);
const documents = ['README.md', ...readdirSync(new URL('docs/', root)).map((file) => `docs/${file}`)]
  .filter((file) => file.endsWith('.md'))
  .map((file) => readFileSync(new URL(file, root), 'utf8').replace(/\s+/g, ' '));

const now: Timestamp = 1_735_689_600_000;
const second = 1_000;
const minute = 60 * second;

const policy: RestartPolicy = { mode: 'on_failure', backoff: 10 * second, maxAttempts: 2, stableAfter: 10 * minute };

/** A run of a second that ended just now, and what may differ from it. */
const ended = (exitCode: number | null, given: Partial<InstanceObservation> = {}, at = now): InstanceObservation => ({
  state: 'stopped',
  startedAt: at - second,
  stoppedAt: at,
  exitCode,
  health: 'unknown',
  ...given,
});

const seen = (by: RestartPolicy, status: RestartStatus, instance: InstanceObservation, at = now): Decision =>
  decide(by, status, observed(instance), at);

const surprises: Readonly<Record<string, () => void>> = {
  'backoff is the least time between two attempts, so a run that lasts longer is restarted at once, unless backoff_from is exit':
    () => {
      const counted = { ...initialStatus, attempts: 1, lastAttemptAt: now - 12 * second };
      const longer = ended(1, { startedAt: now - 11 * second });
      expect(seen(policy, counted, longer).reason).toBe('restart_after_exit');
      const shorter = { ...counted, lastAttemptAt: now - 4 * second };
      expect(seen(policy, shorter, ended(1)).status.nextAttemptAt).toBe(now + 6 * second);

      const fromExit = { ...policy, backoffFrom: 'exit' } as const;
      expect(seen(fromExit, counted, longer).status.nextAttemptAt).toBe(now + 10 * second);
    },

  'Jitter does not spread the first attempt unless backoff_from is exit': () => {
    const spread = { ...policy, jitter: 1 };
    const firstOf = (by: RestartPolicy, id: string): Timestamp | null => {
      const instance = ended(1, { salt: saltOf(id) });
      const { status, actions } = seen(by, initialStatus, instance);
      return actions.length > 0 ? now : nextWakeAt(by, status, instance);
    };
    const ids = Array.from({ length: 100 }, (_, index) => `web-${index}`);
    expect(new Set(ids.map((id) => firstOf(spread, id)))).toEqual(new Set([now]));
    expect(new Set(ids.map((id) => firstOf({ ...spread, backoffFrom: 'exit' }, id))).size).toBeGreaterThan(90);
  },

  'A pause while a restart is between its stop and its start leaves the instance down until the resume': () => {
    const running = ended(null, { state: 'running', startedAt: now - minute, stoppedAt: null, health: 'unhealthy' });
    const restart = seen(policy, initialStatus, running);
    expect(restart.actions).toEqual([{ _tag: 'Restart', attempt: 1 }]);
    // Its stop succeeded, with a clean exit, and then a person paused it.
    const paused = decide(policy, restart.status, supervisionPaused, now).status;
    const down = ended(0, { startedAt: now - minute });
    for (const at of [now, now + minute, now + 1_000 * minute]) {
      const { status, actions, reason } = seen(policy, paused, down, at);
      expect({ status, actions, reason }).toEqual({ status: paused, actions: [], reason: 'paused' });
    }
    const resumedAt = now + 1_000 * minute;
    const resumed = decide(policy, paused, supervisionResumed, resumedAt).status;
    expect(seen(policy, resumed, down, resumedAt).actions).toEqual([{ _tag: 'Start', attempt: 2 }]);
  },

  'A resume begins a cooldown anew': () => {
    const cooling = { ...policy, cooldown: 60 * minute };
    const used = { ...initialStatus, attempts: 2, lastAttemptAt: now - second };
    const blocked = seen(cooling, used, ended(1)).status;
    expect(blocked.nextAttemptAt).toBe(now + 60 * minute);
    // A moment before it would have been over.
    const resumedAt = now + 60 * minute - 1;
    const resumed = [supervisionPaused, supervisionResumed].reduce(
      (status, event) => decide(cooling, status, event, resumedAt).status,
      blocked,
    );
    const { status, reason } = seen(cooling, resumed, ended(1), resumedAt);
    expect(reason).toBe('cooling_down');
    expect(status.nextAttemptAt).toBe(resumedAt + 60 * minute);

    // The attempts of the limit lie further back than it looks.
    const within = { ...cooling, limitInterval: 30 * minute };
    const aged = { ...resumed, recentAttempts: [now - minute, now - second] };
    expect(seen(within, aged, ended(1), resumedAt).actions).toEqual([{ _tag: 'Start', attempt: 3 }]);
    expect(seen(within, aged, ended(1), now + minute).reason).toBe('cooling_down');
  },

  'A run that the host ended with exit code 0 is a clean exit under on_failure, unless a rule says otherwise': () => {
    const drained = ended(0, { cause: 'host' });
    expect(seen(policy, initialStatus, drained).reason).toBe('clean_exit');
    const ruled: RestartPolicy = { ...policy, rules: [{ causes: ['host'], action: 'restart_uncounted' }] };
    expect(seen(ruled, initialStatus, drained)).toMatchObject({
      reason: 'restart_after_exit',
      status: { attempts: 0 },
    });
  },

  'Uncounted attempts neither grow the wait nor reach the limit': () => {
    const ruled: RestartPolicy = {
      ...policy,
      maxBackoff: 60 * minute,
      rules: [{ causes: ['host'], action: 'restart_uncounted' }],
    };
    let status: RestartStatus = initialStatus;
    let at = now;
    for (let death = 0; death < 10; death++) {
      at += 10 * second;
      const decision = seen(ruled, status, ended(null, { cause: 'host' }, at), at);
      expect(decision.actions).toEqual([{ _tag: 'Start', attempt: 0 }]);
      status = decision.status;
      // Not a moment earlier: the wait is there, and is the first one each time.
      const early = at + 10 * second - 1;
      const next = seen(ruled, status, ended(null, { cause: 'host', startedAt: at + 1 }, early), early);
      expect(next.status.nextAttemptAt).toBe(at + 10 * second);
    }
    // An attempt that led to no run: the next one for that very end is counted.
    const same = ended(null, { cause: 'host' }, at);
    expect(seen(ruled, status, same, at + 10 * second).actions).toEqual([{ _tag: 'Start', attempt: 1 }]);
  },

  'What the limit blocks stays blocked when its host dies': () => {
    const ruled: RestartPolicy = { ...policy, rules: [{ causes: ['host'], action: 'restart_uncounted' }] };
    const used = { ...initialStatus, attempts: 2, lastAttemptAt: now - minute };
    const blocked = seen(ruled, used, ended(1)).status;
    expect(blocked.blockedReason).toBe('max_attempts_exceeded');
    const died = ended(null, { cause: 'host' }, now + minute);
    const { status, actions, reason } = seen(ruled, blocked, died, now + minute);
    expect(status).toBe(blocked);
    expect(actions).toEqual([]);
    expect(reason).toBe('max_attempts_exceeded');
  },

  'a status that has both cools down, and is attempted at once where its policy has no cooldown': () => {
    const imported = right(
      decodeRestartStatus({
        attempts: 2,
        last_attempt_at: new Date(now - minute).toISOString(),
        next_attempt_at: new Date(now + minute).toISOString(),
        blocked_reason: 'max_attempts_exceeded',
      }),
    );
    expect(seen(policy, imported, ended(1)).actions).toEqual([{ _tag: 'Start', attempt: 1 }]);
    const without = { ...imported, nextAttemptAt: null };
    expect(seen(policy, without, ended(1)).status).toBe(without);
  },
};

/** In a document, names of fields and values are quoted. */
const words = (text: string): string => text.replace(/[`']/g, '');

describe('what surprises', () => {
  test.each(Object.entries(surprises))('%s', (sentence, decidesIt) => {
    const times = documents.map((text) => words(text).split(words(sentence)).length - 1);
    expect(times.reduce((all, some) => all + some, 0)).toBe(1);
    decidesIt();
  });
});
