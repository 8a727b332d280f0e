import type { Either } from 'fp-ts/lib/Either.js';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import Libsql from 'libsql';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { createHypemanHypervisor } from '../src/adapters/hypeman.js';
import { createPostgresStore, type PostgresPool } from '../src/adapters/postgres.js';
import { openProcessHypervisor } from '../src/adapters/process.js';
import { openQemuHypervisor } from '../src/adapters/qemu.js';
import { openSharedProcessHypervisor } from '../src/adapters/shared-process.js';
import { openSqliteHistory, openSqliteStore } from '../src/adapters/sqlite.js';
import { decodeRestartPolicy, decodeRestartStatus } from '../src/codec.js';
import {
  type Acknowledged,
  type Activity,
  type CloseOptions,
  type CloseReport,
  createController as createLazyController,
  type InstanceList,
  type InstanceReport,
  type Controller as LazyController,
  type SupervisionAcknowledged,
} from '../src/controller.js';
import {
  initialStatus,
  type RestartPolicy,
  type RestartPolicyInput,
  restartPolicy,
  stoppedByPerson,
} from '../src/index.js';
import {
  type Controller,
  createController,
  type ErrorReason,
  orThrow,
  RestartPolicyError,
  restartPolicyOrThrow,
} from '../src/promises.js';
import { always, createHost, exited, type Host, midnight } from './support/host.js';

/** What it rejects with, or a failed test. */
const rejection = async (promise: Promise<unknown>): Promise<RestartPolicyError> => {
  const error = await promise.then(
    () => expect.fail('it resolved'),
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(RestartPolicyError);
  return error as RestartPolicyError;
};

/** What it throws, or a failed test. */
const thrown = (call: () => unknown): Promise<RestartPolicyError> =>
  rejection(new Promise((resolve) => resolve(call())));

const begin = async (host: Host = createHost()): Promise<{ readonly host: Host; readonly controller: Controller }> => {
  const { faulty, hypervisor, clock } = host;
  const controller = createController({ store: faulty.store, hypervisor, clock });
  await clock.settle();
  return { host, controller };
};

describe('a controller with Promises', () => {
  test('supervises: an instance is started, restarted, stopped by a person, and stays stopped', async () => {
    const { host, controller } = await begin();
    const { hypervisor, clock } = host;
    expect(await controller.updatePolicy('web', always)).toEqual({ revision: 1, changed: true });
    expect(await controller.manualStart('web')).toEqual({ revision: 2 });
    hypervisor.exit('web', 1);
    await clock.settle();
    expect(hypervisor.running('web')).toBe(1);
    const { revision } = await controller.manualStop('web');
    expect(await host.record('web')).toMatchObject({ status: stoppedByPerson, revision });
    await clock.advance(3_600_000);
    expect(hypervisor.running('web')).toBe(0);
  });

  test('does what it is asked for at once, also where nobody awaits the answer', async () => {
    const { host, controller } = await begin();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running', startedAt: midnight });
    void controller.manualStop('web');
    await host.clock.settle();
    expect(host.hypervisor.running('web')).toBe(0);
  });

  test('has every method of the other one', () => {
    const { store, hypervisor, clock } = createHost();
    const lazy = E.getOrElse<unknown, LazyController>(() => expect.fail())(
      createLazyController({ store, hypervisor, clock }),
    );
    expect(Object.keys(createController({ store, hypervisor, clock }))).toEqual(Object.keys(lazy));
  });

  test('has the types of the other one, method by method', () => {
    expectTypeOf<keyof Controller>().toEqualTypeOf<keyof LazyController>();
    expectTypeOf<Controller['manualStop']>().toEqualTypeOf<(id: string) => Promise<Acknowledged>>();
    expectTypeOf<Controller['resume']>().toEqualTypeOf<(id: string) => Promise<SupervisionAcknowledged | null>>();
    expectTypeOf<Controller['status']>().toEqualTypeOf<(id: string) => Promise<InstanceReport | null>>();
    expectTypeOf<Controller['updatePolicy']>().parameters.toEqualTypeOf<Parameters<LazyController['updatePolicy']>>();
    expectTypeOf<Controller['list']>().returns.toEqualTypeOf<Promise<InstanceList>>();
    expectTypeOf<Controller['reconcileAll']>().toEqualTypeOf<() => Promise<void>>();
    expectTypeOf<Controller['close']>().toEqualTypeOf<(options?: CloseOptions) => Promise<CloseReport>>();
    expectTypeOf<Controller['activity']>().toEqualTypeOf<() => Activity>();
  });

  // One step for each method; a method that the controller gains needs one too.
  const resolves: { readonly [Name in keyof Controller]: (host: Host, controller: Controller) => Promise<unknown> } = {
    manualStop: async (_, controller) => expect(await controller.manualStop('web')).toEqual({ revision: 2 }),
    manualStart: async (_, controller) => expect(await controller.manualStart('web')).toEqual({ revision: 2 }),
    pause: async (_, controller) =>
      expect(await controller.pause('web')).toEqual({ revision: 2, reason: 'pause_recorded' }),
    resume: async (_, controller) => {
      expect(await controller.resume('web')).toEqual({ revision: 1, reason: 'not_paused' });
      expect(await controller.resume('unknown')).toBeNull();
    },
    updatePolicy: async (_, controller) =>
      expect(await controller.updatePolicy('web', always)).toEqual({ revision: 1, changed: false }),
    requestDelete: async (host, controller) => {
      expect(await controller.requestDelete('web')).toEqual({ revision: 2 });
      expect(await host.record('web')).toBeNull();
    },
    reset: async (_, controller) => {
      expect(await controller.reset('web')).toEqual({ revision: 2 });
      expect(await controller.reset('unknown')).toBeNull();
    },
    reportHealth: async (_, controller) => {
      await expect(controller.reportHealth('web', { startedAt: midnight, health: 'healthy' })).resolves.toBeUndefined();
      expect((await controller.status('web'))?.instance?.health).toBe('healthy');
    },
    reconcile: async (_, controller) => expect(await controller.reconcile('web')).toBeUndefined(),
    reconcileAll: async (_, controller) => expect(await controller.reconcileAll()).toBeUndefined(),
    status: async (_, controller) => {
      expect(await controller.status('web')).toMatchObject({ policy: always, instance: { state: 'running' } });
      expect(await controller.status('unknown')).toBeNull();
    },
    list: async (_, controller) =>
      expect(await controller.list({ limit: 1 })).toEqual({
        reports: [{ id: 'web', report: E.right(await controller.status('web')) }],
        next: null,
      }),
    activity: async (_, controller) =>
      expect(controller.activity()).toEqual({ armed: 0, queued: 0, active: 0, waiting: 0, inFlight: 0 }),
    close: async (host, controller) => {
      expect(await controller.close()).toEqual({ unanswered: [] });
      expect(host.clock.pending).toBe(0);
    },
  };

  test.each(Object.entries(resolves))('%s answers with what its effect answers', async (_, step) => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running', startedAt: midnight });
    const { controller } = await begin(host);
    await step(host, controller);
  });

  test('rejects after it was closed, naming the call', async () => {
    const { controller } = await begin();
    await controller.close();
    for (const [call, asked] of Object.entries({
      'manualStop("web")': controller.manualStop('web'),
      'manualStart("web")': controller.manualStart('web'),
      'pause("web")': controller.pause('web'),
      'resume("web")': controller.resume('web'),
      'updatePolicy("web")': controller.updatePolicy('web', always),
      'requestDelete("web")': controller.requestDelete('web'),
      'reset("web")': controller.reset('web'),
      'reportHealth("web")': controller.reportHealth('web', { startedAt: midnight, health: 'healthy' }),
      'reconcile("web")': controller.reconcile('web'),
      reconcileAll: controller.reconcileAll(),
      list: controller.list({ after: 'web' }),
    })) {
      const { reason, message } = await rejection(asked);
      expect(reason).toEqual({ _tag: 'Closed' });
      expect(message).toBe(`${call}: the controller is closed, and nothing was done`);
    }
  });
});

describe('an error', () => {
  const cause = new Error('broken');
  interface Case {
    /** Makes the library answer so; null: no controller answers this. */
    readonly from: (() => Promise<unknown>) | null;
    readonly message: string | RegExp;
  }

  const withHost = (step: (host: Host, controller: Controller) => Promise<unknown>) => async () => {
    const host = createHost();
    await host.seed('web', always);
    host.hypervisor.set('web', { state: 'running', startedAt: midnight });
    const { controller } = await begin(host);
    return step(host, controller);
  };

  // A tag that is added needs a case.
  const cases: { readonly [Tag in ErrorReason['_tag']]: Case } = {
    Superseded: {
      from: withHost(async ({ hypervisor, clock }, controller) => {
        const hold = hypervisor.hold('start', 'web', 'before_check');
        const starting = controller.manualStart('web');
        await hold.reached;
        const stopping = controller.manualStop('web');
        await clock.settle();
        hold.release();
        await Promise.allSettled([starting, stopping]);
        return starting;
      }),
      message: 'manualStart("web"): superseded: something later won, and this was not done',
    },
    Refused: {
      from: withHost(async ({ hypervisor }, controller) => {
        hypervisor.nextStop('web', { outcome: 'refused' });
        return controller.manualStop('web');
      }),
      message: /^manualStop\("web"\): refused, and nothing was done: \S/,
    },
    Failed: {
      from: withHost(async ({ hypervisor }, controller) => {
        hypervisor.nextStop('web', { outcome: 'failed' });
        return controller.manualStop('web');
      }),
      message: /^manualStop\("web"\): failed: \S/,
    },
    StoreFailed: {
      from: withHost(async ({ faulty }, controller) => {
        faulty.inject({ operation: 'list', fault: 'fail_before' });
        return controller.list();
      }),
      message: /^list: the store failed: \S/,
    },
    InvalidRecord: {
      from: withHost(async ({ faulty }, controller) => {
        faulty.inject({ operation: 'load', fault: 'invalid_record' });
        return controller.status('web');
      }),
      message: /^status\("web"\): the record of "web" cannot be read: \S/,
    },
    InvalidPolicy: {
      from: withHost((_, controller) => controller.updatePolicy('web', { ...always, backoff: 0, maxAttempts: -1 })),
      message:
        'updatePolicy("web"): not a policy: backoff must be a positive number of milliseconds, not 0; ' +
        'maxAttempts must be a whole number from 0, not -1',
    },
    NotDecoded: {
      from: async () => orThrow(decodeRestartPolicy({ policy: 'alway', backof: '2s' })),
      message:
        'cannot be read: restart_policy.policy must be one of never, always, on_failure, got the text "alway"; ' +
        'restart_policy.backof is not a known field; did you mean backoff?',
    },
    InvalidOptions: {
      from: withHost((_, controller) => controller.list({ limit: 0 })),
      message: 'list: wrong options: limit must be a whole number from 1, not 0',
    },
    Closed: {
      from: withHost(async (_, controller) => {
        await controller.close();
        return controller.reset('web');
      }),
      message: 'reset("web"): the controller is closed, and nothing was done',
    },
    StaleRun: {
      from: withHost((_, controller) => controller.reportHealth('web', { startedAt: 1, health: 'unhealthy' })),
      message: 'reportHealth("web"): the report is not of the current run, and was dropped',
    },
    Fault: {
      from: withHost(async ({ hypervisor }, controller) => {
        hypervisor.failInspect('web');
        return controller.reconcile('web');
      }),
      message: /^reconcile\("web"\): inspect of "web": failed: \S/,
    },
    DirectoryInUse: {
      from: null,
      message: 'not opened: another process has it',
    },
    HistoryFailed: {
      from: async () => {
        const database = new Libsql(':memory:');
        const history = orThrow(openSqliteHistory(database));
        database.close();
        return orThrow(history.ofInstance('web'));
      },
      message: /^the history failed: sqlite: \S/,
    },
    UnsupportedPlatform: { from: null, message: 'not opened: another process has it' },
    OpenFailed: {
      from: () => orThrow(openProcessHypervisor({ directory: '/dev/null/runs', commandOf: () => null })),
      message: /^not opened: .*\/dev\/null\/runs/,
    },
  };

  test.each(Object.entries(cases))('%s says what happened, and to whom', async (tag, { from, message }) => {
    const reason = { _tag: tag, message: 'another process has it' } as ErrorReason;
    const error = await (from === null ? thrown(() => orThrow(E.left(reason))) : rejection(from()));
    expect(error.reason._tag).toBe(tag);
    if (typeof message === 'string') expect(error.message).toBe(message);
    else expect(error.message).toMatch(message);
  });

  test('is an Error with its name, its stack, and as its cause what the port threw', async () => {
    const { faulty, hypervisor, clock } = createHost();
    const inspect = () => () => Promise.reject(cause);
    const controller = createController({ store: faulty.store, hypervisor: { ...hypervisor, inspect }, clock });
    for (const asked of [
      controller.reportHealth('web', { startedAt: 1, health: 'healthy' }),
      controller.updatePolicy('web', always).then(() => controller.reconcile('web')),
    ]) {
      const error = await rejection(asked);
      expect(error).toBeInstanceOf(Error);
      expect(String(error)).toMatch(/^RestartPolicyError: re.*the hypervisor threw: Error: broken$/);
      expect(error.stack).toContain('promises.test.ts');
      expect(error.cause).toBe(cause);
    }
    expect('cause' in new RestartPolicyError({ _tag: 'Closed' })).toBe(false);
    expect(new RestartPolicyError({ _tag: 'Closed' }).message).toBe('the controller is closed, and nothing was done');
  });

  test('quotes an id, so that no text of another sort is taken for a message, and cuts a long one', async () => {
    const { controller } = await begin();
    await controller.close();
    expect((await rejection(controller.reset('a"\nb'))).message).toMatch(/^reset\("a\\"\\nb"\): /);
    expect((await rejection(controller.reset('x'.repeat(10_000)))).message.length).toBeLessThan(200);
  });

  test('can be about every left of the controller, and narrows by its tag', () => {
    type LeftOf<F> = F extends (...args: never) => () => Promise<infer R> ? Extract<R, { _tag: 'Left' }> : never;
    type Lefts = LeftOf<LazyController[keyof LazyController]> extends { readonly left: infer L } ? L : never;
    expectTypeOf<Lefts>().toExtend<ErrorReason>();
    expectTypeOf<Extract<ErrorReason, { _tag: 'InvalidRecord' }>>().toHaveProperty('problems');
  });
});

test('a policy with a text where milliseconds stand is told which function reads it, as what the controller says', async () => {
  const { controller } = await begin();
  const literal = { mode: 'always', backoff: '5s', startTimeout: '1m' } as unknown as RestartPolicy;
  const { reason, message } = await rejection(controller.updatePolicy('web', literal));
  const spans = 'must be a positive number of milliseconds';
  const said = (name: string) => [
    `backoff ${spans}, not the text "5s": ${name} reads durations`,
    `stableAfter ${spans}, but it is missing`,
    'maxAttempts must be a whole number from 0, but it is missing',
    `startTimeout ${spans}, not the text "1m": ${name} reads durations`,
  ];
  expect(reason._tag === 'InvalidPolicy' && reason.errors.map((error) => error.message)).toEqual(
    said('restartPolicyOrThrow'),
  );
  expect(message).toBe(`updatePolicy("web"): not a policy: ${said('restartPolicyOrThrow').join('; ')}`);
  await controller.close();
});

describe('createController', () => {
  test('throws all that is wrong with the options, and begins nothing', async () => {
    const { clock, hypervisor } = createHost();
    const options = { hypervisor, clock, concurrency: 0 } as unknown as Parameters<typeof createController>[0];
    const { reason, message } = await thrown(() => createController(options));
    expect(reason).toMatchObject({ _tag: 'InvalidOptions', errors: [{ option: 'store' }, { option: 'concurrency' }] });
    expect(message).toMatch(/^createController: wrong options: store must be .*; concurrency must be /);
    expect(clock.pending).toBe(0);
  });

  test('takes the listeners and the ports as they are', async () => {
    const { store, hypervisor, clock, seed } = createHost();
    await seed('web', always, { ...initialStatus, attempts: 1, lastAttemptAt: midnight });
    hypervisor.set('web', exited(1));
    const reasons: Array<string> = [];
    const controller = createController({ store, hypervisor, clock, onDecision: ({ reason }) => reasons.push(reason) });
    await clock.settle();
    expect(reasons).toEqual(['waiting_for_backoff']);
    expect(controller.activity().armed).toBe(1);
    await controller.close();
  });
});

describe('restartPolicyOrThrow', () => {
  test('makes the policy that restartPolicy makes', () => {
    const input: RestartPolicyInput = { mode: 'on_failure', backoff: '2s', maxAttempts: 3 };
    expect(E.right(restartPolicyOrThrow(input))).toEqual(restartPolicy(input));
  });

  test('throws all that is wrong at once', async () => {
    const input = { mode: 'always', backoff: '0s', maxAttempts: -1 } as unknown as RestartPolicyInput;
    const { reason, message } = await thrown(() => restartPolicyOrThrow(input));
    const backoff = 'backoff must be positive, got the text "0s"';
    const maxAttempts = 'maxAttempts must be >= 0 and a whole number up to 9007199254740991, got -1';
    expect(reason).toEqual({
      _tag: 'InvalidPolicy',
      message: `${backoff}; ${maxAttempts}`,
      errors: [
        { field: 'backoff', message: backoff },
        { field: 'maxAttempts', message: maxAttempts },
      ],
    });
    expect(message).toBe(`restartPolicyOrThrow: not a policy: ${backoff}; ${maxAttempts}`);
  });

  const modes = 'mode must be one of never, always, on_failure';

  test.each<[unknown, ReadonlyArray<string>]>([
    [
      { mode: 'on-failure', max_attempts: 3 },
      [
        `${modes}, got the text "on-failure"; did you mean on_failure?`,
        'max_attempts is not a known field; did you mean maxAttempts? (what is max_attempts in JSON is maxAttempts here)',
      ],
    ],
    [
      { policy: 'always', stable_after: '1h' },
      [
        `${modes}; it is missing`,
        'policy is not a known field; did you mean mode? (what is policy in JSON is mode here)',
        'stable_after is not a known field; did you mean stableAfter? (what is stable_after in JSON is stableAfter here)',
      ],
    ],
    [
      { mode: 'Always', 'max-backoff': '1m', maxAttempt: 3 },
      [
        `${modes}, got the text "Always"; did you mean always?`,
        'max-backoff is not a known field; did you mean maxBackoff?',
        'maxAttempt is not a known field; did you mean maxAttempts?',
      ],
    ],
    [
      { mode: 'always', rules: [{ exit_codes: [78], causes: ['oom', 'panik'], action: 'stopp' }] },
      [
        'rules[0].causes[0] must be one of exit, signal, out_of_memory, panic, host, unknown, got the text "oom"',
        'rules[0].causes[1] must be one of exit, signal, out_of_memory, panic, host, unknown, got the text "panik"; did you mean panic?',
        'rules[0].action must be one of restart, restart_uncounted, stop, got the text "stopp"; did you mean stop?',
        'rules[0].exit_codes is not a known field; did you mean exitCodes? (what is exit_codes in JSON is exitCodes here)',
      ],
    ],
    [
      { mode: 'always', 'a.b "c"': 1 },
      [
        'a.b \\"c\\" is not a known field; the known ones are mode, backoff, maxAttempts, stableAfter, maxBackoff, ' +
          'backoffFactor, backoffFrom, jitter, limitInterval, cooldown, startTimeout, rules',
      ],
    ],
    [{ mode: 'always', maxBackoff: '1s' }, ['maxBackoff must not be below backoff']],
    [undefined, ['policy must be an object; it is missing']],
    ['always', ['policy must be an object, got the text "always"']],
    [[], ['policy must be an object, got an array']],
  ])('says what stood there, and what was meant: %j', async (input, messages) => {
    const { reason, message } = await thrown(() => restartPolicyOrThrow(input as RestartPolicyInput));
    expect(reason._tag === 'InvalidPolicy' && reason.errors.map((error) => error.message)).toEqual(messages);
    expect(message).toBe(`restartPolicyOrThrow: not a policy: ${messages.join('; ')}`);
  });

  test('throws nothing else, whatever it is handed', async () => {
    const throws = (): never => {
      throw new Error('a trap');
    };
    const second = { mode: 'always', maxAttempts: -1 };
    let asked = 0;
    const inputs = [
      new Proxy({}, { get: throws, ownKeys: throws }),
      Object.defineProperty({ mode: 'always' }, 'backoff', { enumerable: true, get: throws }),
      // Readable once, and not when it is asked what stood there.
      new Proxy(second, { get: (...of) => (asked++ < 20 ? Reflect.get(...of) : throws()) }),
      { mode: 'always', ['x'.repeat(1_000_000)]: 1 },
    ];
    for (const input of inputs) {
      const error = await thrown(() => restartPolicyOrThrow(input as RestartPolicyInput));
      expect(error.reason._tag).toBe('InvalidPolicy');
      expect(error.message.length).toBeLessThan(400);
    }
  });
});

describe('orThrow', () => {
  test('runs a TaskEither at once, and unwraps an Either without a Promise', async () => {
    let runs = 0;
    const effect: TaskEither<never, number> = async () => E.right(++runs);
    const running: Promise<number> = orThrow(effect);
    expect(runs).toBe(1);
    expect(await running).toBe(1);
    const value: string = orThrow(E.right('at once'));
    expect(value).toBe('at once');
  });

  test('rejects and throws with what the left says', async () => {
    const left: Either<ErrorReason, number> = E.left({ _tag: 'StoreFailed', message: 'no disk', cause: null });
    expect((await thrown(() => orThrow(left))).message).toBe('the store failed: no disk');
    expect((await rejection(orThrow(async () => left))).reason).toBe(E.isLeft(left) && left.left);
  });

  test('takes what the codecs read, and throws with all that is wrong in it', async () => {
    expect(orThrow(decodeRestartPolicy({ policy: 'always', backoff: '2s' }))).toMatchObject({ backoff: 2_000 });
    const read = decodeRestartStatus({ attempts: -1, last_attempt_at: 'yesterday' });
    const { reason } = await thrown(() => orThrow(read));
    expect(reason).toMatchObject({ _tag: 'NotDecoded', errors: E.isLeft(read) && read.left });
    expect(E.isLeft(read) && read.left.length).toBe(2);
    expect((await rejection(orThrow(async () => read))).reason).toEqual(reason);
  });

  test('takes what restartPolicy makes, and throws with all that is wrong in it', async () => {
    const policy: RestartPolicy = orThrow(restartPolicy({ mode: 'always', backoff: '2s' }));
    expect(policy.backoff).toBe(2_000);
    const made = restartPolicy({ mode: 'alway', max_attempts: 3 } as unknown as RestartPolicyInput);
    const { reason, message } = await thrown(() => orThrow(made));
    expect(message).toBe(
      'not a policy: mode must be one of never, always, on_failure; max_attempts is not a known field; ' +
        'did you mean maxAttempts? (what is max_attempts in JSON is maxAttempts here)',
    );
    expect(reason._tag === 'InvalidPolicy' && reason.errors.map(({ field }) => field)).toEqual([
      'mode',
      'max_attempts',
    ]);
    expect((await rejection(orThrow(async () => made))).reason).toEqual(reason);
  });

  test('takes whatever opens a store or a hypervisor of this library', async () => {
    const empty = {} as never;
    const { reason } = await thrown(() => orThrow(openSqliteStore(empty)));
    expect(reason._tag).toBe('InvalidOptions');
    expect((await thrown(() => orThrow(createPostgresStore(empty as PostgresPool)))).reason._tag).toBe(
      'InvalidOptions',
    );
    expect((await thrown(() => orThrow(createHypemanHypervisor(empty)))).reason._tag).toBe('InvalidOptions');
    for (const opening of [
      orThrow(openProcessHypervisor(empty)),
      orThrow(openSharedProcessHypervisor(empty)),
      orThrow(openQemuHypervisor(empty)),
    ]) {
      expect((await rejection(opening)).reason._tag).toBe('InvalidOptions');
    }
  });
});
