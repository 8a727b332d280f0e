/**
 * What a history costs: a decision beside one that is told to nobody, a crash that a controller answers with and without one,
 * and the bytes that an entry takes.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { decide, type InstanceObservation, initialStatus, observed } from 'restart-policy';
import { createMemoryStore } from 'restart-policy/adapters/memory';
import { openSqliteHistory } from 'restart-policy/adapters/sqlite';
import { type Controller, createController, type DecisionRecord } from 'restart-policy/controller';
import { createMemoryHistory, type History, type HistoryEntry, recordHistory } from 'restart-policy/history';
import { orThrow } from 'restart-policy/promises';
import { createScriptedHypervisor, createVirtualClock, type VirtualClock } from 'restart-policy/testing';
import { policyOf } from './cases.js';
import { collectGarbage, type Effort, median, type Side, timesOf } from './measure.js';

export interface HistoryCost {
  /** Nanoseconds of a decision that changes nothing. */
  readonly quiet: { readonly alone: number; readonly told: number };
  /** Microseconds from a crash to its restart. */
  readonly crash: { readonly without: number; readonly memory: number; readonly sqlite: number };
  readonly bytesPerEntry: { readonly memory: number; readonly sqlite: number };
}

const sink: { last: unknown } = { last: null };
const backoff = 5_000;
const policy = policyOf({ backoff });

const measureQuiet = (effort: Effort): HistoryCost['quiet'] => {
  const items = 1_000;
  const instance: InstanceObservation = {
    state: 'running',
    startedAt: 1_000,
    stoppedAt: null,
    exitCode: null,
    health: 'unknown',
  };
  const ids = Array.from({ length: items }, (_, n) => `web-${n}`);
  const { onDecision } = recordHistory(orThrow(createMemoryHistory()));
  const each = (tell: (decision: DecisionRecord) => void): void => {
    for (const id of ids) {
      const event = observed(instance);
      const { status, actions, reason } = decide(policy, initialStatus, event, 2_000);
      tell({ id, event, policy, before: initialStatus, after: status, actions, reason, revision: 1, now: 2_000 });
    }
  };
  const sides: ReadonlyArray<Side> = [
    { items, run: () => each((decision) => (sink.last = decision)) },
    { items, run: () => each(onDecision) },
  ];
  const [alone = Number.NaN, told = Number.NaN] = timesOf(sides, effort);
  return { alone, told };
};

/** A controller whose one instance crashes a second after each start. */
const crashing = async (history: ((clock: VirtualClock) => History) | null) => {
  const clock = createVirtualClock();
  const hypervisor = orThrow(createScriptedHypervisor({ clock }));
  hypervisor.everyStart(() => ({ exits: { afterMs: 1_000, exitCode: 1 } }));
  const listeners = history === null ? {} : recordHistory(history(clock));
  const controller: Controller = orThrow(
    createController({ store: createMemoryStore(), hypervisor, clock, ...listeners }),
  );
  orThrow(await controller.updatePolicy('web', policy)());
  orThrow(await controller.manualStart('web')());
  return { run: (crashes: number) => clock.advance(backoff * crashes), close: () => controller.close()() };
};

const measureCrash = async (effort: Effort, crashes: number, file: string): Promise<HistoryCost['crash']> => {
  const sqlite = new Libsql(file);
  const sides = [
    await crashing(null),
    await crashing(() => orThrow(createMemoryHistory())),
    await crashing((clock) => orThrow(openSqliteHistory(sqlite, { clock }))),
  ];
  const samples = sides.map((): Array<number> => []);
  // The first round is not counted: it is what the compiler learns from.
  for (let round = -1; round < effort.rounds; round++) {
    const inTurn = [...sides.entries()];
    for (const [n, { run }] of round % 2 === 0 ? inTurn : inTurn.reverse()) {
      const began = performance.now();
      await run(crashes);
      if (round >= 0) samples[n]?.push(((performance.now() - began) * 1_000) / crashes);
    }
  }
  for (const { close } of sides) await close();
  sqlite.close();
  const [without = Number.NaN, memory = Number.NaN, ofSqlite = Number.NaN] = samples.map(median);
  return { without, memory, sqlite: ofSqlite };
};

/** Of a crash loop: ends and attempts in turn. */
const entriesOf = (count: number): ReadonlyArray<HistoryEntry> =>
  Array.from({ length: count }, (_, n): HistoryEntry => {
    const at = 1_735_689_600_000 + n * backoff;
    const id = `web-${n % 100}`;
    return n % 2 === 0
      ? {
          _tag: 'RunEnded',
          id,
          at,
          startedAt: at - 1_000 - n,
          stoppedAt: at,
          lasted: 1_000,
          exitCode: 1,
          cause: 'exit',
          by: 'itself',
          reason: 'waiting_for_backoff',
        }
      : { _tag: 'Attempt', id, at, attempt: n, action: 'Start', why: 'exit', counted: true };
  });

const measureBytes = async (count: number, file: string): Promise<HistoryCost['bytesPerEntry']> => {
  const bounds = { perInstance: 100_000, maxAge: Number.POSITIVE_INFINITY, total: 10_000_000 };
  const history = orThrow(createMemoryHistory(bounds));
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  // Each batch is garbage afterwards, as what a controller tells is.
  for (let n = 0; n < count; n += 1_000) history.add(entriesOf(count).slice(n, n + 1_000));
  collectGarbage();
  const memory = (process.memoryUsage().heapUsed - before) / count;
  sink.last = history;

  const database = new Libsql(file);
  const { perInstance, maxAge } = bounds;
  const kept = orThrow(openSqliteHistory(database, { perInstance, maxAge, queue: count }));
  kept.add(entriesOf(count));
  await orThrow(kept.flush);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  return { memory: Math.round(memory), sqlite: Math.round(statSync(file).size / count) };
};

export const measureHistory = async (effort: Effort, crashes: number, entries: number): Promise<HistoryCost> => {
  const directory = mkdtempSync(join(tmpdir(), 'restart-policy-bench-'));
  try {
    return {
      quiet: measureQuiet(effort),
      crash: await measureCrash(effort, crashes, join(directory, 'crashes.db')),
      bytesPerEntry: await measureBytes(entries, join(directory, 'entries.db')),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
};
