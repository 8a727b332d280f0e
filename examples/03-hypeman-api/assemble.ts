/** Opens the parts, joins them, and knows in which order they close. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { RestartStatus } from 'restart-policy';
import { openProcessHypervisor } from 'restart-policy/adapters/process';
import { openSqliteStore } from 'restart-policy/adapters/sqlite';
import { systemClock } from 'restart-policy/adapters/system-clock';
import { createController, type Store } from 'restart-policy/controller';
import { createChanges } from './changes.js';
import { openDatabase } from './database.js';
import { createHealthChecks } from './health/checks.js';
import { runProbe } from './health/probe.js';
import { environmentOf, processOf } from './instances/definition.js';
import { openDefinitions } from './instances/definitions.js';
import { openSnapshots } from './instances/snapshots.js';
import { sweep } from './instances/sweep.js';
import { createLog } from './log.js';
import { createMetrics } from './metrics.js';
import { loadPage } from './page.js';
import type { Parts } from './parts.js';
import { createServer } from './server.js';
import { createTimeline } from './timeline.js';
import { createTurns } from './turns.js';
import { watchHypervisor } from './watched-hypervisor.js';

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

  // Two connections to one file: the store needs one of its own, for a transaction of others would hold its writes up.
  const file = join(directory, 'state.db');
  const records = openDatabase(file);
  const database = openDatabase(file);
  const closeDatabases = (): void => {
    records.close();
    database.close();
  };
  const definitions = openDefinitions(database);
  const snapshots = openSnapshots(database);

  const opened = openSqliteStore(records);
  if (opened._tag === 'Left') {
    closeDatabases();
    return left(opened.left.message);
  }
  const store = opened.right;
  const processes = await openProcessHypervisor({
    directory: join(directory, 'runs'),
    commandOf: (id) => {
      const definition = definitions.get(id);
      return definition === null ? null : processOf(definition);
    },
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

  const metrics = createMetrics(() => readStatuses(store));
  const timeline = createTimeline();
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
      timeline.addVerdict(id, verdict, clock.now());
    },
    onFault: log.healthFault,
  });

  // The process adapter notifies of ends, and the watched hypervisor of beginnings.
  const onChange = (id: string): void => {
    changes.notify(id);
    checks.reconcile(id);
  };
  hypervisor.subscribe(onChange);
  const created = createController({
    store,
    hypervisor: watchHypervisor(hypervisor, (end) => {
      metrics.countAction(end);
      onChange(end.id);
    }),
    clock,
    onDecision: (decision) => {
      log.decision(decision);
      metrics.countDecision(decision);
      timeline.addDecision(decision);
      changes.notify(decision.id);
    },
    onFault: (fault) => {
      log.fault(fault);
      metrics.countFault(fault);
      timeline.addFault(fault, clock.now());
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
    checks,
    metrics,
    timeline,
    changes,
    turns: createTurns(),
    closing: closing.signal,
  };
  const server = createServer(parts, { host, logger: log.logger, page: await loadPage() });

  /** A drain is no manual stop: nobody decides any more before anything is ended, and what is ended comes back. */
  const closeInOrder = async (): Promise<void> => {
    closing.abort();
    await controller.close()();
    await checks.close();
    await server.close();
    await hypervisor.close();
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

/** Records that cannot be read count nowhere: each is a fault anyway. */
const readStatuses = async (store: Store): Promise<ReadonlyArray<RestartStatus>> => {
  const ids = await store.list();
  if (ids._tag === 'Left') return [];
  const loaded = await Promise.all(ids.right.map((id) => store.load(id)()));
  return loaded.flatMap((record) =>
    record._tag === 'Right' && record.right._tag === 'Some' ? [record.right.value.status] : [],
  );
};
