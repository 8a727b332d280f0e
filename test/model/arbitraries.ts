/**
 * Everything that can happen to some instances, and how often.
 */
import fc from 'fast-check';
import type { EndCause } from '../../src/event.js';
import type { RestartPolicy, RestartRule } from '../../src/policy.js';
import type { InstanceId } from '../../src/ports/store.js';
import type { StartScript, StopScript } from '../../src/testing/scripted-hypervisor.js';
import { policyWith } from '../support/values.js';
import { allAreReconciled } from './commands/all-are-reconciled.js';
import { clockIsSet } from './commands/clock-is-set.js';
import type { Command } from './commands/command.js';
import { controllerCloses } from './commands/controller-closes.js';
import { controllerCrashes } from './commands/controller-crashes.js';
import { controllerCrashesDuringStop } from './commands/controller-crashes-during-stop.js';
import { healthTurns } from './commands/health-turns.js';
import { inspectionsFail } from './commands/inspections-fail.js';
import { inspectionsSucceed } from './commands/inspections-succeed.js';
import { instanceExits } from './commands/instance-exits.js';
import { instanceIsReset } from './commands/instance-is-reset.js';
import { instanceTurns } from './commands/instance-turns.js';
import { oldHealthIsReported } from './commands/old-health-is-reported.js';
import { personDeletes } from './commands/person-deletes.js';
import { personPauses } from './commands/person-pauses.js';
import { personResumes } from './commands/person-resumes.js';
import { personStarts } from './commands/person-starts.js';
import { personStartsDuringStop } from './commands/person-starts-during-stop.js';
import { personStops } from './commands/person-stops.js';
import { personStopsAnAttempt } from './commands/person-stops-an-attempt.js';
import { policyIsUpdated } from './commands/policy-is-updated.js';
import { snapshotIsRestored } from './commands/snapshot-is-restored.js';
import { somethingFallsDue } from './commands/something-falls-due.js';
import { startsGo } from './commands/starts-go.js';
import { stopsGo } from './commands/stops-go.js';
import { type Fault, storeFails } from './commands/store-fails.js';
import { storeRecovers } from './commands/store-recovers.js';
import { timePasses } from './commands/time-passes.js';

// The order of what falls due for an instance in one millisecond is not promised, so no span is another one, or a sum or a
// multiple of others.
const arbReferencePolicy = fc.record({
  mode: fc.constantFrom('always', 'on_failure', 'on_failure', 'never'),
  backoff: fc.constantFrom(1_000, 4_999.5, 90_000),
  maxAttempts: fc.constantFrom(0, 1, 2, 3),
  stableAfter: fc.constantFrom(3_000, 60_001, 600_000),
});

const arbRule: fc.Arbitrary<RestartRule> = fc.record(
  {
    causes: fc.constantFrom<ReadonlyArray<EndCause>>(['exit'], ['unknown', 'signal'], ['host']),
    exitCodes: fc.constantFrom<NonNullable<RestartRule['exitCodes']>>([0], [[1, 5]], [78]),
    action: fc.constantFrom('restart', 'restart_uncounted', 'stop'),
  },
  { requiredKeys: ['action'] },
);

/** What is beyond the reference, as it is drawn. */
interface Beyond
  extends Pick<RestartPolicy, 'backoffFrom' | 'jitter' | 'limitInterval' | 'cooldown' | 'startTimeout' | 'rules'> {
  /** Absent: the wait does not grow. */
  readonly growth: Pick<RestartPolicy, 'backoffFactor'>;
}

const arbGrowth = fc.record({ backoffFactor: fc.constantFrom(1.7, 3) }, { requiredKeys: [] });

const arbBeyond = fc.record(
  {
    growth: arbGrowth,
    backoffFrom: fc.constant('exit'),
    jitter: fc.constantFrom(0.3, 1),
    limitInterval: fc.constant(21_013),
    cooldown: fc.constant(41_017),
    startTimeout: fc.constantFrom(11_003, 80_021),
    rules: fc.array(arbRule, { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: [] },
);

/** Half of them are the reference's. What a policy may not say is left out. */
export const arbPolicy: fc.Arbitrary<RestartPolicy> = fc
  .tuple(arbReferencePolicy, fc.oneof(fc.constant({}), arbBeyond))
  .map(([reference, { growth, limitInterval, cooldown, ...beyond }]: [RestartPolicy, Partial<Beyond>]) =>
    policyWith({
      ...reference,
      ...beyond,
      ...(growth !== undefined && { ...growth, maxBackoff: reference.backoff < 17_003 ? 17_003 : 200_003 }),
      ...(limitInterval !== undefined && reference.maxAttempts > 0 && { limitInterval }),
      ...(cooldown !== undefined && reference.maxAttempts > 0 && { cooldown }),
    }),
  );

const arbExitCode = fc.constantFrom(0, 1, null);

const arbStartScript: fc.Arbitrary<StartScript> = fc.oneof(
  fc.constantFrom<StartScript>(
    { outcome: 'refused' },
    { outcome: 'failed' },
    { outcome: 'done_and_failed' },
    { outcome: 'failed', wait: { at: 'before_effect', ms: 1_700 } },
  ),
  fc
    .record({ afterMs: fc.constantFrom(7, 770, 3_001, 70_300), exitCode: arbExitCode })
    .map((exits): StartScript => ({ exits })),
);

const arbStopScript: fc.Arbitrary<StopScript> = fc.record({
  outcome: fc.constantFrom('done', 'done', 'refused', 'failed', 'done_and_failed'),
  exitCode: fc.constantFrom(0, null),
});

const arbFault: fc.Arbitrary<Fault> = fc
  .tuple(
    fc.constantFrom<Fault>(
      { operation: 'load', fault: 'fail_before' },
      { operation: 'load', fault: 'invalid_record' },
      { operation: 'save', fault: 'fail_before' },
      { operation: 'save', fault: 'fail_after' },
      { operation: 'save', fault: 'conflict' },
      { operation: 'remove', fault: 'fail_before' },
      { operation: 'remove', fault: 'fail_after' },
    ),
    fc.constantFrom(1, 2, 5),
  )
  .map(([fault, times]) => ({ ...fault, times }));

const arbState = fc.constantFrom('running', 'running', 'initializing', 'other');

const arbHealth = fc.constantFrom('unhealthy', 'unhealthy', 'healthy', 'unknown');

const arbProgress = fc.constantFrom('unwritten', 'written', 'permitted', 'done');

const arbDownTime = fc.constantFrom(0, 500, 20_000, 700_000);

const arbSpan = fc.oneof(
  fc.constantFrom(10, 1_000, 5_000, 60_000, 90_000, 700_000),
  fc.integer({ min: 1, max: 100_000 }),
);

/** Faults are mended more often than they are made, because little happens in between. */
export const arbCommand = (ids: ReadonlyArray<InstanceId>): fc.Arbitrary<Command> => {
  const id = fc.constantFrom(...ids);
  const times = fc.integer({ min: 1, max: 4 });
  return fc.oneof(
    weigh(4, id.map(personStarts)),
    weigh(2, id.map(personStops)),
    weigh(1, id.map(personDeletes)),
    weigh(2, id.map(personStartsDuringStop)),
    weigh(4, id.map(personStopsAnAttempt)),
    weigh(
      4,
      fc.tuple(id, arbPolicy).map((args) => policyIsUpdated(...args)),
    ),
    weigh(3, id.map(personPauses)),
    weigh(4, id.map(personResumes)),
    weigh(1, id.map(instanceIsReset)),
    weigh(2, id.map(snapshotIsRestored)),
    weigh(
      10,
      fc.tuple(id, arbExitCode).map((args) => instanceExits(...args)),
    ),
    weigh(
      4,
      fc.tuple(id, arbState).map((args) => instanceTurns(...args)),
    ),
    weigh(
      10,
      fc.tuple(id, arbHealth).map((args) => healthTurns(...args)),
    ),
    weigh(1, id.map(oldHealthIsReported)),
    weigh(
      4,
      fc.tuple(id, arbStartScript, times).map((args) => startsGo(...args)),
    ),
    weigh(
      4,
      fc.tuple(id, arbStopScript).map((args) => stopsGo(...args)),
    ),
    weigh(2, fc.constant(allAreReconciled())),
    weigh(8, arbSpan.map(timePasses)),
    weigh(10, fc.boolean().map(somethingFallsDue)),
    weigh(
      2,
      fc.tuple(arbSpan, fc.boolean()).map(([span, isBack]) => clockIsSet(isBack ? -span : span)),
    ),
    weigh(2, arbDownTime.map(controllerCrashes)),
    weigh(1, arbDownTime.map(controllerCloses)),
    weigh(
      2,
      fc.tuple(id, arbProgress).map((args) => controllerCrashesDuringStop(...args)),
    ),
    weigh(1, id.map(inspectionsFail)),
    weigh(8, id.map(inspectionsSucceed)),
    weigh(
      1,
      fc.tuple(id, arbFault).map((args) => storeFails(...args)),
    ),
    weigh(6, id.map(storeRecovers)),
  );
};

const weigh = (weight: number, arbitrary: fc.Arbitrary<Command>) => ({ weight, arbitrary });
