/** Opens the parts, joins them, and knows in which order they close. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { openProcessHypervisor } from 'restart-policy/adapters/process';
import { openSqliteHistory, openSqliteStore } from 'restart-policy/adapters/sqlite';
import { systemClock } from 'restart-policy/adapters/system-clock';
import { createController } from 'restart-policy/controller';
import { recordHistory } from 'restart-policy/history';
import { createChanges } from './changes.js';
import { openDatabase } from './database.js';
import { createHealthChecks } from './health/checks.js';
import { runProbe } from './health/probe.js';
import { environmentOf, processOf } from './instances/definition.js';
import { openDefinitions } from './instances/definitions.js';
import { openSnapshots } from './instances/snapshots.js';
import { sweep } from './instances/sweep.js';
import { createLatest } from './latest.js';
import { createLog } from './log.js';
import { loadManual } from './manual.js';
import { createMetrics } from './metrics.js';
import { loadPage } from './page.js';
import type { Parts } from './parts.js';
import { createRecentAttempts, recall } from './recent-attempts.js';
import { createServer } from './server.js';
import { notifyOfStarts } from './started.js';
import { createTurns } from './turns.js';

/** From SIGTERM to SIGKILL, where a client does not ask for less. */
const usualGraceMs = 10_000;

export interface Assembled {
  readonly server: FastifyInstance;
  /** Answers when everything is closed. Idempotent. */
  readonly close: () => Promise<void>;
}

/** Left: what stands in the way, and nothing is left open. */
export const assemble = async (directory: string, host: string, beyond = false): Promise<Either<string, Assembled>> => {
  const clock = systemClock;
  const log = createLog();
  await mkdir(directory, { recursive: true });

  // Three connections to one file: the store needs one of its own, for a transaction of others would hold its writes up, and
  // the history one, for it is never waited for.
  const file = join(directory, 'state.db');
  const records = openDatabase(file);
  const database = openDatabase(file);
  const events = openDatabase(file);
  const closeDatabases = (): void => {
    for (const connection of [records, database, events]) connection.close();
  };
  const definitions = openDefinitions(database);
  const snapshots = openSnapshots(database);

  const opened = openSqliteStore(records);
  if (opened._tag === 'Left') {
    closeDatabases();
    return left(opened.left.message);
  }
  const store = opened.right;
  const kept = openSqliteHistory(events, { onFault: log.historyFault });
  if (kept._tag === 'Left') {
    closeDatabases();
    return left(kept.left.message);
  }
  const history = kept.right;
  const killedAtOnce = new Set<string>();
  const processes = await openProcessHypervisor({
    directory: join(directory, 'runs'),
    commandOf: (id) => {
      const definition = definitions.get(id);
      return definition === null ? null : processOf(definition);
    },
    graceMs: (id) => (killedAtOnce.has(id) ? 0 : usualGraceMs),
    clock,
  })();
  if (processes._tag === 'Left') {
    closeDatabases();
    return left(processes.left.message);
  }
  const hypervisor = processes.right;
  const swept = await sweep(definitions, store, hypervisor)();
  if (swept._tag === 'Left') {
    await hypervisor.close();
    closeDatabases();
    return left(swept.left.message);
  }

  const measured = createMetrics(store, () => controller.activity());
  if (measured._tag === 'Left') throw new Error(measured.left.message);
  const metrics = measured.right;
  const told = recordHistory(history);
  const latest = createLatest();
  const recent = createRecentAttempts();
  await recall(recent, history, clock.now());
  const changes = createChanges();
  const checks = createHealthChecks({
    clock,
    inspect: hypervisor.inspect,
    checkOf: (id) => definitions.get(id)?.healthCheck ?? null,
    probe: async (id, { probe }, signal) => {
      const definition = definitions.get(id);
      const env = definition === null ? {} : environmentOf(definition);
      return runProbe({ probe, env, signal });
    },
    report: (id, report) => controller.reportHealth(id, report)(),
    onVerdict: (id, verdict, window) => {
      log.verdict(id, verdict, window);
    },
    onFault: log.healthFault,
  });

  // The process adapter notifies of ends, and whoever asks for a start of beginnings.
  const onChange = (id: string): void => {
    changes.notify(id);
    checks.reconcile(id);
  };
  hypervisor.subscribe(onChange);
  const created = createController({
    store,
    hypervisor: metrics.watch(notifyOfStarts(hypervisor, onChange)),
    clock,
    onDecision: (decision) => {
      log.decision(decision);
      metrics.onDecision(decision);
      latest.addDecision(decision);
      if (decision.actions.length > 0) recent.add(decision.id, decision.now);
      told.onDecision(decision);
      changes.notify(decision.id);
    },
    onCommand: told.onCommand,
    onFault: (fault) => {
      log.fault(fault);
      metrics.onFault(fault);
      latest.addFault(fault, clock.now());
      told.onFault(fault);
    },
  });
  if (created._tag === 'Left') {
    await hypervisor.close();
    closeDatabases();
    return left(created.left.message);
  }
  const controller = created.right;

  const closing = new AbortController();
  const parts: Parts = {
    beyond,
    clock,
    definitions,
    snapshots,
    controller,
    hypervisor,
    killedAtOnce,
    checks,
    metrics,
    latest,
    recent,
    history,
    changes,
    turns: createTurns(),
    closing: closing.signal,
  };
  const server = createServer(parts, { host, logger: log.logger, page: await loadPage(), manual: await loadManual() });

  /** A drain is no manual stop: nobody decides any more before anything is ended, and what is ended comes back. */
  const closeInOrder = async (): Promise<void> => {
    closing.abort();
    await controller.close()();
    await checks.close();
    await server.close();
    await hypervisor.close();
    await history.close();
    closeDatabases();
  };
  let closed: Promise<void> | null = null;
  return right({
    server,
    close: () => {
      closed ??= closeInOrder();
      return closed;
    },
  });
};
