/**
 * Health checks: probes each running instance that has a check, and reports every verdict.
 *
 * Level-triggered, like the controller: a reconciliation acts on what there is (which check, which run), and one too many
 * harms nothing. A verdict is reported again after every probe, so that a controller that has forgotten it gets it anew.
 */
import { formatDuration } from 'restart-policy';
import type { Cancel, Clock, HealthReport, Hypervisor, InstanceId } from 'restart-policy/controller';
import type { HealthCheck } from './check.js';
import { addResult, type HealthWindow, openWindow, type ProbeResult } from './window.js';

export interface HealthChecksOptions {
  readonly clock: Clock;
  readonly inspect: Hypervisor['inspect'];
  /** null: the instance is not checked, or there is none. */
  readonly checkOf: (id: InstanceId) => HealthCheck | null;
  readonly probe: (id: InstanceId, check: HealthCheck, signal: AbortSignal) => Promise<ProbeResult>;
  readonly report: (id: InstanceId, report: HealthReport) => Promise<unknown>;
  /** Called with a verdict that differs from the one before. */
  readonly onVerdict: (id: InstanceId, verdict: 'healthy' | 'unhealthy', window: HealthWindow) => void;
  /** Called with what a reconciliation failed on. */
  readonly onFault: (id: InstanceId, error: unknown) => void;
}

export interface HealthChecks {
  /** Something of the instance may have changed: its check, its run, or that it exists at all. */
  readonly reconcile: (id: InstanceId) => void;
  /** What the probes of the current run add up to; null: it is not checked, or does not run. */
  readonly windowOf: (id: InstanceId) => HealthWindow | null;
  /** Breaks probes off, and answers when nothing is under way any more. */
  readonly close: () => Promise<void>;
}

/** One check on one run. */
interface Watch {
  readonly check: HealthCheck;
  window: HealthWindow;
  /** The next reconciliation probes. Not a time: a clock that is set back would put the probe off. */
  due: boolean;
  cancel: Cancel;
}

export const createHealthChecks = ({
  clock,
  inspect,
  checkOf,
  probe,
  report,
  onVerdict,
  onFault,
}: HealthChecksOptions): HealthChecks => {
  const watches = new Map<InstanceId, Watch>();
  /** Reconciliations under way; `again`: something may have changed since it began. */
  const allUnderWay = new Map<InstanceId, { again: boolean; over: Promise<void> }>();
  const closing = new AbortController();

  const reconcile = (id: InstanceId): void => {
    if (closing.signal.aborted) return;
    const underWay = allUnderWay.get(id);
    if (underWay !== undefined) {
      underWay.again = true;
      return;
    }
    const begun = { again: false, over: Promise.resolve() };
    allUnderWay.set(id, begun);
    begun.over = reconcileUntilDone(id, begun);
  };

  const reconcileUntilDone = async (id: InstanceId, underWay: { again: boolean }): Promise<void> => {
    do {
      underWay.again = false;
      await reconcileOnce(id).catch((error: unknown) => {
        onFault(id, error);
        // Whatever it was, it may pass: the next start, end or update of the instance leads to another.
        drop(id);
      });
    } while (underWay.again && !closing.signal.aborted);
    allUnderWay.delete(id);
  };

  const reconcileOnce = async (id: InstanceId): Promise<void> => {
    const check = checkOf(id);
    const inspected = await inspect(id)();
    if (inspected._tag === 'Left') throw new Error(inspected.left.message);
    const { state, startedAt } = inspected.right;
    const former = watches.get(id);
    if (closing.signal.aborted) return;

    if (check === null || state !== 'running' || startedAt === null) {
      drop(id);
      // Whom nobody checks any more is not unhealthy any more.
      if (former !== undefined && check === null)
        await report(id, { startedAt: former.window.startedAt, health: 'unknown' });
      return;
    }
    const goesOn = former !== undefined && former.window.startedAt === startedAt && equalCheck(former.check, check);
    const watch = goesOn ? former : begin(id, check, startedAt);
    if (!goesOn && former?.window.startedAt === startedAt) await report(id, { startedAt, health: 'unknown' });
    if (!watch.due) return;

    watch.due = false;
    const result = await probeInTime(id, check);
    if (closing.signal.aborted) return;
    const { verdict: before } = watch.window;
    watch.window = addResult(check, watch.window, clock.now(), result);
    watch.cancel = clock.wakeAt(clock.now() + check.interval, () => {
      watch.due = true;
      reconcile(id);
    });
    const { verdict } = watch.window;
    if (verdict === 'starting') return;
    if (verdict !== before) onVerdict(id, verdict, watch.window);
    await report(id, { startedAt, health: verdict });
  };

  const begin = (id: InstanceId, check: HealthCheck, startedAt: number): Watch => {
    drop(id);
    const watch: Watch = { check, window: openWindow(startedAt), due: true, cancel: () => {} };
    watches.set(id, watch);
    return watch;
  };

  const drop = (id: InstanceId): void => {
    watches.get(id)?.cancel();
    watches.delete(id);
  };

  /** Answers after the check's timeout at the latest, and at once when this is closed. */
  const probeInTime = (id: InstanceId, check: HealthCheck): Promise<ProbeResult> =>
    new Promise((resolve) => {
      const abort = new AbortController();
      const finish = (result: ProbeResult): void => {
        cancel();
        closing.signal.removeEventListener('abort', onClose);
        resolve(result);
        abort.abort();
      };
      const fail = (error: string): void => finish({ _tag: 'Failed', error });
      const onClose = (): void => fail('the server is closing');
      closing.signal.addEventListener('abort', onClose);
      const cancel = clock.wakeAt(clock.now() + check.timeout, () =>
        fail(`no answer within ${formatDuration(check.timeout)}`),
      );
      probe(id, check, abort.signal).then(finish, (error: unknown) => fail(String(error)));
    });

  return {
    reconcile,
    windowOf: (id) => watches.get(id)?.window ?? null,
    close: async () => {
      closing.abort();
      for (const id of [...watches.keys()]) drop(id);
      await Promise.all([...allUnderWay.values()].map(({ over }) => over));
    },
  };
};

/** Both are plain data whose fields were written in one order. */
const equalCheck = (a: HealthCheck, b: HealthCheck): boolean => JSON.stringify(a) === JSON.stringify(b);
