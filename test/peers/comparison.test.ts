/** What a comparison makes of recordings in which something is wrong, and of those in which nothing is. */
import { restartPolicyOrThrow } from 'restart-policy/promises';
import { expect, test } from 'vitest';
import { type Allowance, compare, describeStart, largestDifference } from './comparison.js';
import { type Recording, runsIn } from './recording.js';

const allowance: Allowance = { early: (pause) => 20 + pause / 100, late: (machineLateMs) => 300 + machineLateMs };
const everySecond = restartPolicyOrThrow({ mode: 'always', backoff: '1s', backoffFrom: 'exit' });
const twice = restartPolicyOrThrow({ mode: 'on_failure', backoff: '1s', backoffFrom: 'exit', maxAttempts: 2 });

interface Given {
  /** Of each run. */
  readonly length?: number;
  readonly exitCode?: number;
  readonly machineLateMs?: number;
  /** How long it was watched after the end of the last run. */
  readonly watched?: number;
  readonly stop?: Recording['stop'];
}

/** A first run, and one after each pause. */
const recordingOf = (
  pauses: ReadonlyArray<number>,
  { length = 100, exitCode = 1, machineLateMs = 0, watched = 10_000, stop = null }: Given = {},
): Recording => {
  const starts = [0];
  for (const pause of pauses) starts.push((starts.at(-1) ?? 0) + length + pause);
  const runs = starts.map((startedAt) => ({ startedAt, endedAt: startedAt + length, exitCode, machineLateMs }));
  return { runs, until: (starts.at(-1) ?? 0) + length + watched, stop };
};

/** Those that do not agree, as a test shows them. */
const wrongIn = (recording: Recording, policy = everySecond): ReadonlyArray<string> =>
  compare(recording, policy, allowance)
    .filter(({ agrees }) => !agrees)
    .map(describeStart);

test('starts within the grain and the cost of a start agree', () => {
  const compared = compare(recordingOf([1_000, 980, 1_290], { watched: 500 }), everySecond, allowance);
  expect(compared.map(({ theirs, ours, agrees }) => [theirs, ours, agrees])).toEqual([
    [1_000, 1_000, true],
    [980, 1_000, true],
    [1_290, 1_000, true],
    [null, null, true],
  ]);
  expect(largestDifference(compared)).toBe(290);
});

test('one that comes too late differs, and one that comes too early', () => {
  expect(wrongIn(recordingOf([1_301, 1_000, 960], { watched: 0 }))).toEqual([
    'start 2: theirs after 1.30 s, ours after 1.00 s',
    'start 4: theirs after 0.96 s, ours after 1.00 s',
  ]);
});

test('a machine that was late itself is not held against them', () => {
  expect(wrongIn(recordingOf([1_350], { machineLateMs: 50, watched: 0 }))).toEqual([]);
  expect(wrongIn(recordingOf([1_351], { machineLateMs: 50, watched: 0 }))).toHaveLength(1);
});

test('one that gave up where ours goes on differs', () => {
  expect(wrongIn(recordingOf([1_000, 1_000]))).toEqual(['start 4: theirs none, ours after 1.00 s']);
});

test('one that could not have been seen yet is not missed', () => {
  expect(wrongIn(recordingOf([1_000], { watched: 1_300 }))).toEqual([]);
  expect(wrongIn(recordingOf([1_000], { watched: 1_301 }))).toHaveLength(1);
});

test('one that goes on where ours gave up differs, and what follows is not compared', () => {
  expect(wrongIn(recordingOf([1_000, 1_000, 1_000, 9_000]), twice)).toEqual([
    'start 4: theirs after 1.00 s, ours none',
  ]);
  expect(wrongIn(recordingOf([1_000, 1_000]), twice)).toEqual([]);
});

test('an exit code reaches the simulation', () => {
  expect(wrongIn(recordingOf([], { exitCode: 0 }), twice)).toEqual([]);
  expect(wrongIn(recordingOf([], { exitCode: 3 }), twice)).toHaveLength(1);
});

test("after a person's stop nothing is due, and what starts all the same differs", () => {
  const stop = { askedAt: 1_300, answeredAt: 1_350 };
  expect(wrongIn(recordingOf([1_000], { stop }))).toEqual([]);
  expect(wrongIn(recordingOf([1_000, 1_000], { stop }))).toEqual(['start 3: theirs after 1.00 s, ours none']);
});

test("a start that came before a person's stop was answered was its right", () => {
  expect(wrongIn(recordingOf([1_000, 1_000], { stop: { askedAt: 2_150, answeredAt: 2_250 } }))).toEqual([]);
});

test("a person's stop does not hide that one was due before", () => {
  expect(wrongIn(recordingOf([1_000], { stop: { askedAt: 4_000, answeredAt: 4_010 } }))).toHaveLength(1);
});

test('a run that was not seen to end, though another began, is no recording', () => {
  const { runs, ...rest } = recordingOf([1_000]);
  const broken = { ...rest, runs: runs.map((run) => ({ ...run, endedAt: null })) };
  expect(() => compare(broken, everySecond, allowance)).toThrow('run 1 was not seen to end, but run 2 began');
});

test('a log is read line by line, and what is no line of it is refused', () => {
  expect(runsIn('start 10.25\nend 11.50 78\nstart 12.00\n')).toEqual([
    { startedAt: 10_250, endedAt: 11_500, exitCode: 78 },
    { startedAt: 12_000, endedAt: null, exitCode: null },
  ]);
  expect(() => runsIn('end 11.50 78\n')).toThrow('no line of a log, or not where it stands: end 11.50 78');
  expect(() => runsIn('started 11.50\n')).toThrow('no line of a log');
});
