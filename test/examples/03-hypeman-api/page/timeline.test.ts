/** The history of an instance as a timeline: what is drawn of it is what happened to it. */
import { createMemoryStore } from 'restart-policy/adapters/memory';
import { createController } from 'restart-policy/controller';
import { createMemoryHistory, type HistoryEntry, recordHistory } from 'restart-policy/history';
import { drawTimeline } from 'restart-policy/simulate';
import { createScriptedHypervisor, createVirtualClock } from 'restart-policy/testing';
import { describe, expect, test } from 'vitest';
import { timelineOf } from '../../../../examples/03-hypeman-api/page/timeline.js';
import { summaryOf } from '../../../../src/simulate/tally.js';
import { left, right } from '../../../support/either.js';
import { policyWith } from '../../../support/values.js';

const supervise = () => {
  const clock = createVirtualClock();
  const hypervisor = right(createScriptedHypervisor({ clock }));
  const history = right(createMemoryHistory());
  const controller = right(
    createController({ store: createMemoryStore(), hypervisor, clock, ...recordHistory(history) }),
  );
  const entries = async (): Promise<ReadonlyArray<HistoryEntry>> => right(await history.ofInstance('web')()).entries;
  return { clock, hypervisor, controller, entries };
};

describe('the timeline of an instance', () => {
  test('has its attempts, its outages and what people did, and sums up to the span', async () => {
    const { clock, hypervisor, controller, entries } = supervise();
    const start = clock.now();
    right(await controller.updatePolicy('web', policyWith({ backoff: 10_000, maxAttempts: 2 }))());
    right(await controller.manualStart('web')());
    await clock.advance(60_000);
    hypervisor.exit('web', 7); // attempt 1, at once
    await clock.advance(1_000);
    hypervisor.exit('web', 7); // waits for nine seconds, attempt 2
    await clock.advance(20_000);
    hypervisor.exit('web', 7); // blocked
    await clock.advance(5_000);
    right(await controller.manualStart('web')());
    await clock.advance(4_000);
    right(await controller.pause('web')());
    right(await controller.resume('web')());
    right(await controller.manualStop('web')());
    await clock.advance(10_000);

    const timeline = timelineOf(await entries(), start, clock.now());
    expect(timeline?.summary).toMatchObject({
      for: 100_000,
      uptime: 60_000 + 1_000 + 11_000 + 4_000,
      waiting: 9_000,
      blocked: 5_000,
      done: 10_000,
      attempts: 2,
      longestOutage: 10_000,
      blockedAt: start + 81_000,
    });
    // The library sums up the same of the same entries.
    expect(summaryOf(timeline?.entries ?? [], clock.now())).toEqual(timeline?.summary);
    const picture = drawTimeline(timeline === null ? [] : [timeline]);
    for (const text of ['start', 'stop', 'pause', 'resume', 'attempt 1', 'waiting', 'blocked']) {
      expect(picture).toContain(text);
    }
    await controller.close()();
  });

  test('has it run on after a restart for its health, whose end is told only when the next run is seen', async () => {
    const { clock, hypervisor, controller, entries } = supervise();
    const start = clock.now();
    right(await controller.updatePolicy('web', policyWith({ backoff: 10_000 }))());
    right(await controller.manualStart('web')());
    const startedAt = right(await hypervisor.inspect('web')()).startedAt ?? start;
    await clock.advance(60_000);
    right(await controller.reportHealth('web', { startedAt, health: 'unhealthy' })());
    await clock.advance(40_000);
    expect(await entries()).toContainEqual(expect.objectContaining({ _tag: 'RunEnded', by: 'policy', reason: null }));
    const timeline = timelineOf(await entries(), start, clock.now());
    expect(timeline?.summary).toMatchObject({ for: 100_000, uptime: 100_000, waiting: 0, attempts: 1 });
    await controller.close()();
  });

  test('has it run on when a stop is refused, and wait when a start fails', async () => {
    const { clock, hypervisor, controller, entries } = supervise();
    const start = clock.now();
    right(await controller.updatePolicy('web', policyWith({ backoff: 10_000 }))());
    right(await controller.manualStart('web')());
    await clock.advance(10_000);
    hypervisor.nextStop('web', { outcome: 'refused' });
    expect(left(await controller.manualStop('web')())).toMatchObject({ _tag: 'Refused' });
    await clock.advance(20_000);
    const running = timelineOf(await entries(), start, clock.now());
    expect(running?.summary).toMatchObject({ uptime: 30_000, done: 0 });
    right(await controller.manualStop('web')());
    await clock.advance(10_000);
    hypervisor.nextStart('web', { outcome: 'failed' });
    expect(left(await controller.manualStart('web')())).toMatchObject({ _tag: 'Failed' });
    const failed = timelineOf(await entries(), start, clock.now() + 5_000);
    expect(failed?.summary).toMatchObject({ for: 45_000, uptime: 30_000, done: 10_000, waiting: 5_000 });
    await controller.close()();
  });

  test('begins with what it was in when the span begins, and has nobody do anew what was done before', async () => {
    const { clock, hypervisor, controller, entries } = supervise();
    right(await controller.updatePolicy('web', policyWith({ backoff: 10_000, maxAttempts: 1 }))());
    right(await controller.manualStart('web')());
    for (let run = 0; run < 2; run++) {
      hypervisor.exit('web', 1);
      await clock.advance(10_000);
    }
    const from = clock.now();
    await clock.advance(30_000);
    const timeline = timelineOf(await entries(), from, clock.now());
    expect(timeline?.summary).toMatchObject({ for: 30_000, blocked: 30_000, attempts: 0, uptime: 0 });
    expect(drawTimeline(timeline === null ? [] : [timeline])).not.toContain('a person');
    await controller.close()();
  });

  test('is none where nothing is known', () => {
    expect(timelineOf([], 0, 1_000)).toBeNull();
  });
});
