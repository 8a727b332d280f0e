/**
 * Simulations whose output is written down in vectors/simulate/golden.json, and what is written of each. It runs anywhere: a browser
 * is asked for the same.
 */
import { saltOf } from 'restart-policy';
import { restartPolicyOrThrow } from 'restart-policy/promises';
import {
  crashLoop,
  drawTimeline,
  fixedRuns,
  printTimeline,
  randomFailures,
  type SimulationOptions,
  type Summary,
  simulate,
  simulateFleet,
} from 'restart-policy/simulate';

const day = 86_400_000;

const simulations: Readonly<Record<string, SimulationOptions>> = {
  'a crash loop under growing waits with jitter': {
    policy: restartPolicyOrThrow({
      mode: 'always',
      backoff: '1.5s',
      maxBackoff: '5m',
      backoffFactor: 1.7,
      jitter: 0.3,
    }),
    workload: crashLoop({ runsFor: 700.3 }),
    for: 3_600_000,
    id: 'web-ü',
  },
  'failures by chance for a month': {
    policy: restartPolicyOrThrow({
      mode: 'on_failure',
      backoff: '10s',
      maxAttempts: 5,
      limitInterval: '1h',
      cooldown: '2h',
    }),
    workload: randomFailures({ meanUptime: day / 24, exitCodes: [0, 1, 137, null, 1, 1, 1, 1] }),
    for: 30 * day,
    seed: 4_000_000_000,
    from: 1_735_689_600_000,
    words: Array.from({ length: 60 }, (_, index) => ({
      at: 1_735_689_600_000 + (index * day) / 2 + 12_345,
      event: { _tag: 'ManualStart' },
    })),
  },
  'boots that time out, starts that fail, health that turns': {
    policy: restartPolicyOrThrow({
      mode: 'always',
      backoff: '2s',
      backoffFrom: 'exit',
      startTimeout: '20s',
      stableAfter: '1m',
    }),
    workload: fixedRuns(
      [
        { bootsFor: Number.POSITIVE_INFINITY, runsFor: null },
        { startFails: true, runsFor: null },
        { bootsFor: 3_000, runsFor: 10_000, cause: 'out_of_memory' },
        { bootsFor: 3_000, runsFor: null, unhealthyAfter: 90_000 },
      ],
      { bootsFor: 1_000, runsFor: 0, exitCode: 2 },
    ),
    for: 600_000,
    words: [
      { at: 300_000, event: { _tag: 'Pause' } },
      { at: 400_000, event: { _tag: 'Resume' } },
      { at: 500_000, event: { _tag: 'PolicyUpdated' }, policy: restartPolicyOrThrow({ mode: 'on_failure' }) },
      { at: 590_000, event: { _tag: 'ManualStop' } },
    ],
  },
};

interface Golden {
  /** The hash of all entries as JSON, and how many there are. */
  readonly entries: readonly [hash: number, count: number];
  readonly summary: Summary;
  /** Hashes of both pictures. */
  readonly drawn: number;
  readonly printed: number;
}

export const goldens = (): Readonly<Record<string, unknown>> => {
  const ofOne = Object.entries(simulations).map(([name, options]): [string, Golden] => {
    const simulated = simulate(options);
    if (simulated._tag === 'Left') throw new Error(simulated.left.message);
    const { entries, summary } = simulated.right;
    return [
      name,
      {
        entries: [saltOf(JSON.stringify(entries)), entries.length],
        summary,
        drawn: saltOf(drawTimeline([simulated.right])),
        printed: saltOf(printTimeline(simulated.right)),
      },
    ];
  });
  const fleet = simulateFleet({
    policies: [
      restartPolicyOrThrow({ mode: 'always' }),
      restartPolicyOrThrow({ mode: 'always', backoff: '1m', jitter: 1 }),
    ],
    instances: 40,
    workload: randomFailures({ meanUptime: 600_000 }),
    for: day,
    seed: 7,
    starts: { perSecond: 0.05, burst: 2, inFlight: 3 },
  });
  if (fleet._tag === 'Left') throw new Error(fleet.left.message);
  const { instances, summary } = fleet.right;
  return {
    ...Object.fromEntries(ofOne),
    'a fleet under limits': { instances: saltOf(JSON.stringify(instances)), summary },
  };
};
