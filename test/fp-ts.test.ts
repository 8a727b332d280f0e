/**
 * The library's Either, Option and functions are fp-ts' own in all but their code: the types are the same, they answer
 * alike, and each side takes what the other made.
 */
import fc from 'fast-check';
import * as A from 'fp-ts/lib/Array.js';
import * as E from 'fp-ts/lib/Either.js';
import type { Eq } from 'fp-ts/lib/Eq.js';
import * as F from 'fp-ts/lib/function.js';
import * as NEA from 'fp-ts/lib/NonEmptyArray.js';
import * as O from 'fp-ts/lib/Option.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { eqRestartPolicy, eqRestartStatus, initialStatus, parseDuration, restartPolicy } from 'restart-policy';
import { createMemoryStore } from 'restart-policy/adapters/memory';
import { decodeRestartPolicy } from 'restart-policy/codec';
import { createController } from 'restart-policy/controller';
import { createScriptedHypervisor, createVirtualClock } from 'restart-policy/testing';
import { describe, expect, expectTypeOf, test } from 'vitest';
import * as either from '../src/either.js';
import * as functions from '../src/function.js';
import * as nonEmpty from '../src/non-empty-array.js';
import * as option from '../src/option.js';
import { right } from './support/either.js';

// ---------------------------------------------------------------------------
// the same functions
// ---------------------------------------------------------------------------

/** Each value made by one side or by the other: a function that looked at anything else than the data would tell them apart. */
const arbEither = fc
  .tuple(fc.constantFrom(E, either), fc.boolean(), fc.integer())
  .map(([by, isRight, n]): E.Either<string, number> => (isRight ? by.right(n) : by.left(`no ${n}`)));
const arbOption = fc
  .tuple(fc.constantFrom(O, option), fc.option(fc.integer()))
  .map(([by, n]): O.Option<number> => (n === null ? by.none : by.some(n)));

const half = (n: number): E.Either<string, number> => (n % 2 === 0 ? E.right(n / 2) : E.left(`${n} is odd`));
const isEven = (n: number): boolean => n % 2 === 0;
const throwsOdd = (n: number) => (): number => {
  if (n % 2 !== 0) throw new RangeError(`${n}`);
  return n / 2;
};

type Functions = readonly [theirs: (value: never) => unknown, ours: (value: never) => unknown];
const ofEither: Readonly<Record<Exclude<keyof typeof either, 'left' | 'right' | 'tryCatch'>, Functions>> = {
  isLeft: [E.isLeft, either.isLeft],
  isRight: [E.isRight, either.isRight],
  map: [E.map((n: number) => n + 1), either.map((n: number) => n + 1)],
  mapLeft: [E.mapLeft((e: string) => `${e}!`), either.mapLeft((e: string) => `${e}!`)],
  bimap: [E.bimap((e: string) => `${e}!`, String), either.bimap((e: string) => `${e}!`, String)],
  flatMap: [E.flatMap(half), either.flatMap(half)],
  filterOrElse: [E.filterOrElse(isEven, String), either.filterOrElse(isEven, String)],
};
const ofOption: Readonly<Record<'isNone' | 'isSome' | 'toNullable', Functions>> = {
  isNone: [O.isNone, option.isNone],
  isSome: [O.isSome, option.isSome],
  toNullable: [O.toNullable, option.toNullable],
};

describe('of an Either, ours answers as the one of fp-ts', () => {
  test.each(Object.entries(ofEither))('%s', (_, [theirs, ours]) => {
    fc.assert(
      fc.property(arbEither, (value) => {
        const [answer, expected] = [ours(value as never), theirs(value as never)];
        expect(answer).toStrictEqual(expected);
        // What is left alone is the same object.
        if (expected === value) expect(answer).toBe(value);
      }),
    );
  });

  test('left, right and tryCatch', () => {
    fc.assert(
      fc.property(fc.anything(), fc.integer(), (value, n) => {
        expect(either.left(value)).toStrictEqual(E.left(value));
        expect(either.right(value)).toStrictEqual(E.right(value));
        expect(either.tryCatch(throwsOdd(n), String)).toStrictEqual(E.tryCatch(throwsOdd(n), String));
      }),
    );
  });
});

describe('of an Option, ours answers as the one of fp-ts', () => {
  test.each(Object.entries(ofOption))('%s', (_, [theirs, ours]) => {
    fc.assert(
      fc.property(arbOption, (value) => {
        expect(ours(value as never)).toStrictEqual(theirs(value as never));
      }),
    );
  });

  test('none, some, fromNullable and tryCatch', () => {
    expect(option.none).toStrictEqual(O.none);
    fc.assert(
      fc.property(fc.option(fc.anything()), fc.integer(), (value, n) => {
        expect(option.some(value)).toStrictEqual(O.some(value));
        expect(option.fromNullable(value)).toStrictEqual(O.fromNullable(value));
        expect(option.tryCatch(throwsOdd(n))).toStrictEqual(O.tryCatch(throwsOdd(n)));
      }),
    );
    expect(option.fromNullable(undefined)).toStrictEqual(O.fromNullable(undefined));
  });
});

test('of an array that is not empty, ours answer as those of fp-ts', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.integer()), (first, rest) => {
      const all: NEA.NonEmptyArray<number> = [first, ...rest];
      expect(nonEmpty.of(first)).toStrictEqual(NEA.of(first));
      expect(nonEmpty.map(half)(all)).toStrictEqual(NEA.map(half)(all));
      // It hands on the element alone, as that of fp-ts does.
      const given: Array<ReadonlyArray<unknown>> = [];
      nonEmpty.map((...values: ReadonlyArray<unknown>) => given.push(values))(all);
      expect(given).toEqual(all.map((n) => [n]));
    }),
  );
});

test('a pipe of ours is one of fp-ts, and so are the constants', () => {
  expect(functions.pipe(1)).toBe(F.pipe(1));
  expect(functions.pipe(3, (n) => n + 1, half, E.toUnion, String)).toBe(
    F.pipe(3, (n) => n + 1, half, E.toUnion, String),
  );
  const { constFalse, constNull, constTrue, constVoid } = functions;
  expect([constFalse(), constNull(), constTrue(), constVoid()]).toEqual([
    F.constFalse(),
    F.constNull(),
    F.constTrue(),
    F.constVoid(),
  ]);
});

test('whatever is ours has the type that fp-ts gives it', () => {
  type Single = Exclude<keyof typeof either, 'filterOrElse' | 'flatMap'>;
  expectTypeOf<Pick<typeof either, Single>>().toExtend<Pick<typeof E, Single>>();
  expectTypeOf<Pick<typeof E, Single>>().toExtend<Pick<typeof either, Single>>();
  expectTypeOf<typeof option>().toExtend<Pick<typeof O, keyof typeof option>>();
  expectTypeOf<Pick<typeof O, keyof typeof option>>().toExtend<typeof option>();
  expectTypeOf<typeof nonEmpty>().toExtend<Pick<typeof NEA, keyof typeof nonEmpty>>();
  expectTypeOf<Pick<typeof NEA, keyof typeof nonEmpty>>().toExtend<typeof nonEmpty>();
  expectTypeOf<typeof functions>().toExtend<Pick<typeof F, keyof typeof functions>>();
  expectTypeOf<Pick<typeof F, keyof typeof functions>>().toExtend<typeof functions>();
  // Of these fp-ts has more forms than we use.
  expectTypeOf<typeof E.flatMap>().toExtend<typeof either.flatMap>();
  expectTypeOf<typeof E.filterOrElse<number, string>>().toExtend<typeof either.filterOrElse<number, string>>();
});

// ---------------------------------------------------------------------------
// what the library answers
// ---------------------------------------------------------------------------

describe('with fp-ts', () => {
  test('a policy is mapped, chained, matched and compared', () => {
    const made = restartPolicy({ mode: 'always', backoff: '2s' });
    expect(E.isRight(made)).toBe(true);
    const doubled = F.pipe(
      made,
      E.bindTo('policy'),
      E.bindW('backoff', ({ policy }) => parseDuration(`${policy.backoff * 2}ms`)),
      E.map(({ policy, backoff }) => ({ ...policy, backoff })),
      E.getOrElseW(() => null),
    );
    expect(doubled).toEqual({ ...right(made), backoff: 4_000 });
    const eq = E.getEq({ equals: () => false }, eqRestartPolicy);
    expect(eq.equals(made, E.right({ ...right(made) }))).toBe(true);
    expect(eq.equals(made, E.right({ ...right(made), maxAttempts: 1 }))).toBe(false);
  });

  test('several policies are one answer, with all that is wrong', () => {
    const texts = [{ policy: 'always' }, { policy: 'sometimes' }, { policy: 'always', backoff: '-1s' }];
    const decoded = texts.map(decodeRestartPolicy);
    expect(E.isRight(A.sequence(E.Applicative)(decoded.slice(0, 1)))).toBe(true);
    const all = A.sequence(E.getApplicativeValidation(NEA.getSemigroup<{ readonly path: string }>()))(decoded);
    const paths = F.pipe(
      all,
      E.matchW(
        NEA.map(({ path }) => path),
        () => [],
      ),
    );
    expect(paths).toEqual(['restart_policy.policy', 'restart_policy.backoff']);
    expect(A.separate(decoded)).toMatchObject({ left: [{}, {}], right: [{ mode: 'always' }] });
  });

  test('a status is one among equals', () => {
    const eq: Eq<typeof initialStatus> = eqRestartStatus;
    expect(A.uniq(eq)([initialStatus, { ...initialStatus }, { ...initialStatus, attempts: 1 }])).toHaveLength(2);
  });

  test('what a controller and its store do is a TaskEither, and a record an Option', async () => {
    const clock = createVirtualClock();
    const store = createMemoryStore();
    const hypervisor = right(createScriptedHypervisor({ clock }));
    const controller = right(createController({ store, hypervisor, clock }));
    const policy = right(restartPolicy({ mode: 'always' }));
    const revision = await F.pipe(
      controller.updatePolicy('web-1', policy),
      TE.flatMap(() => controller.manualStop('web-1')),
      TE.flatMap(() => store.load('web-1')),
      TE.map(O.map((record) => record.status.blockedReason)),
      TE.map(O.getOrElseW(() => 'no record')),
      TE.getOrElseW((error) => async () => error._tag),
    )();
    expect(revision).toBe('manual_stop');
    const several = await A.sequence(TE.ApplicativePar)(['web-1', 'web-2'].map((id) => store.load(id)))();
    expect(F.pipe(several, E.map(A.map(O.isSome)))).toEqual(E.right([true, false]));
    expect(O.getEq({ equals: Object.is }).equals(right(await store.load('web-2')()), O.none)).toBe(true);
    await controller.close()();
  });
});
