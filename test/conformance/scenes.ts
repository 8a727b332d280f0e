/** Scenes that were picked by hand: the scenarios of test/scenarios, and what is at the edges of numbers and of the calendar. */
import { readdirSync, readFileSync } from 'node:fs';
import {
  attemptFailed,
  type InstanceObservation,
  observed,
  policyUpdated,
  type RestartEvent,
  supervisionPaused,
  supervisionResumed,
} from '../../src/event.js';
import type { RestartPolicy } from '../../src/policy.js';
import { latestTimestamp, type Timestamp } from '../../src/status.js';
import { playScenario } from '../scenarios/play.js';
import { observationWith, policyWith } from '../support/values.js';
import type { Story } from './story.js';

const folder = new URL('../scenarios/', import.meta.url);

const scenarios = (): ReadonlyArray<Story> =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.txt'))
    .sort()
    .map((file) => playScenario(file, readFileSync(new URL(file, folder), 'utf8')))
    // A store that is put back, or a record that is removed, is no event of a trace.
    .filter(({ lines }) => lines.every((line) => typeof line === 'string' || !/^(store|record) /.test(line.what)))
    .map(({ file, questions }) => ({ id: `scenario ${file.replace(/\.txt$/, '')}`, questions }));

const begin: Timestamp = Date.UTC(2026, 0, 5, 12);

/** A second before the last moment that can be written. */
const end = latestTimestamp - begin - 1_000;

/** One instance under one policy; times in milliseconds from the beginning. */
const scene = (
  id: string,
  policy: RestartPolicy,
  ...happenings: ReadonlyArray<readonly [at: number, event: RestartEvent | RestartPolicy]>
): Story => {
  let inForce = policy;
  const questions = happenings.map(([at, what]) => {
    if (!('_tag' in what)) inForce = what;
    const event: RestartEvent = '_tag' in what ? what : policyUpdated;
    return { policy: inForce, event, now: begin + at };
  });
  return { id: `scene ${id}`, questions };
};

const seen = (part: Partial<InstanceObservation>): RestartEvent => {
  const at = (time: Timestamp | null | undefined) => (time === undefined || time === null ? null : begin + time);
  return observed(observationWith({ ...part, startedAt: at(part.startedAt), stoppedAt: at(part.stoppedAt) }));
};

const ended = (startedAt: number, stoppedAt: number | null, part: Partial<InstanceObservation> = {}): RestartEvent =>
  seen({ state: 'stopped', startedAt, stoppedAt, exitCode: 1, ...part });

const edges = (): ReadonlyArray<Story> => [
  scene(
    'a nanosecond of backoff is one millisecond',
    policyWith({ backoff: 0.000_001 }),
    [0, ended(-10, 0)],
    [0, ended(-10, 0)],
    [1, ended(-10, 0)],
  ),
  scene(
    'a moment beyond the calendar is cut where it is stored',
    policyWith({ backoff: 9_000_000_000_000, backoffFrom: 'exit' }),
    [end, ended(end - 10, end)],
    [end + 999, ended(end - 10, end)],
    [end + 1_000, ended(end - 10, end)],
    [end + 1_000, attemptFailed(1)],
  ),
  scene(
    'a run that began with the last attempt is counted, and one that began after it is not',
    policyWith({ backoff: 1_000, rules: [{ action: 'restart_uncounted' }] }),
    [0, ended(-10, 0)],
    [1_000, ended(0, 900)],
    [2_000, ended(1_001, 1_900)],
    [3_000, ended(3_500, 3_600)],
  ),
  scene(
    'a limit that a resume unblocked is found again when the start times out',
    policyWith({ mode: 'on_failure', backoff: 10_000, maxAttempts: 1, startTimeout: 3_000 }),
    [0, seen({ state: 'initializing', startedAt: -3_000 })],
    [1_000, supervisionPaused],
    [9_000, supervisionResumed],
    [8_000, seen({ state: 'initializing', startedAt: 7_000 })],
    [10_000, seen({ state: 'initializing', startedAt: 7_000 })],
  ),
  scene(
    'attempts that lie ahead are taken to have been made now, and count for one interval',
    policyWith({ backoff: 1_000, maxAttempts: 2, limitInterval: 60_000 }),
    [0, ended(-10, 0)],
    [1_000, ended(10, 1_000)],
    [-600_000, ended(10, 1_000)],
    [-590_000, ended(10, 1_000)],
  ),
  scene(
    'a cooldown is cut to its length when the clock went back',
    policyWith({ backoff: 1_000, maxAttempts: 1, cooldown: 30_000 }),
    [0, ended(-10, 0)],
    [1_000, ended(10, 1_000)],
    [-600_000, ended(10, 1_000)],
    [-570_001, ended(10, 1_000)],
    [-570_000, ended(10, 1_000)],
  ),
  scene(
    'both ends of a range, and an unknown exit code',
    policyWith({ mode: 'on_failure', backoff: 1, rules: [{ exitCodes: [[-2, 2]], action: 'stop' }] }),
    ...[-3, -2, 0, 2, 3, null].map(
      (exitCode, index) => [index * 1_000, ended(index * 1_000 - 10, index * 1_000, { exitCode })] as const,
    ),
  ),
  scene(
    'another policy decides anew of what a rule left down',
    policyWith({ rules: [{ causes: ['out_of_memory'], action: 'stop' }] }),
    [0, ended(-10, 0, { exitCode: 137, cause: 'out_of_memory' })],
    [1_000, policyWith({ backoff: 2_000 })],
    [1_000, ended(-10, 0, { exitCode: 137, cause: 'out_of_memory' })],
  ),
];

export const scenes = (): ReadonlyArray<Story> => [...scenarios(), ...edges()];
