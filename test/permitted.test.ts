/** What every start and stop does with its permit, whichever adapter it is of. */
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { permitted } from '../src/adapters/permitted.js';
import {
  type ActionError,
  type Exclusion,
  failed,
  type Permit,
  refused,
  storeFailed,
  superseded,
} from '../src/controller.js';

type Act = () => Promise<Either<ActionError, string> | 'again'>;

/** A call that writes down what happens in it. */
const callOf = (acts: ReadonlyArray<Act>, permit: Partial<Permit> = {}, exclusion: Exclusion = 'section') => {
  const log: Array<string> = [];
  let reads = 0;
  const logged = <A>(name: string, answer: () => Promise<A>) => {
    log.push(name);
    return answer();
  };
  const { check = async () => right(undefined), onRefused = async () => undefined, signal } = permit;
  const answer = permitted<number, string>(
    exclusion,
    {
      revision: 1,
      ...(signal === undefined ? {} : { signal }),
      check: () => logged('check', check),
      onRefused: () => logged('onRefused', onRefused),
    },
    {
      read: () => logged('read', async () => ++reads),
      act: (seen) => logged(`act on ${seen}`, acts[seen - 1] ?? (async () => right('done'))),
    },
  );
  return { answer, log };
};

const refusal = left(refused('no such instance'));

describe('a call under a permit', () => {
  test('reads, checks, acts, and answers as the act does', async () => {
    for (const answer of [right('started'), left(failed('half-way')), left(superseded)]) {
      const call = callOf([async () => answer]);
      expect(await call.answer()).toBe(answer);
      expect(call.log).toEqual(['read', 'check', 'act on 1']);
    }
  });

  test('does nothing before it is run', () => {
    expect(callOf([]).log).toEqual([]);
  });

  test('begins each part when the one before has ended', async () => {
    const order: Array<string> = [];
    const slow = async (name: string) => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`${name} ends`);
    };
    const answer = await permitted(
      'section',
      { revision: 1, check: () => slow('check').then(() => right(undefined)), onRefused: () => slow('onRefused') },
      { read: () => slow('read'), act: () => slow('act').then(() => refusal) },
    )();
    order.push('answer');
    expect(answer).toBe(refusal);
    expect(order).toEqual([
      ...['read begins', 'read ends', 'check begins', 'check ends'],
      ...['act begins', 'act ends', 'onRefused begins', 'onRefused ends', 'answer'],
    ]);
  });

  test.each([
    ['superseded', superseded],
    ['not known, because the store does not answer', storeFailed('ECONNREFUSED')],
  ])('whose permit is %s does nothing, and puts nothing back', async (_, error) => {
    const call = callOf([], { check: async () => left(error) });
    expect(await call.answer()).toEqual(left(error));
    expect(call.log).toEqual(['read', 'check']);
  });

  test('that had to wait reads and checks once more', async () => {
    const call = callOf([async () => 'again', async () => 'again']);
    expect(await call.answer()).toEqual(right('done'));
    expect(call.log).toEqual(['read', 'check', 'act on 1', 'read', 'check', 'act on 2', 'read', 'check', 'act on 3']);
  });

  test('that was superseded while it waited does nothing', async () => {
    const checks = [right(undefined), left(superseded)];
    const call = callOf([async () => 'again'], { check: async () => checks.shift() ?? right(undefined) });
    expect(await call.answer()).toEqual(left(superseded));
    expect(call.log).toEqual(['read', 'check', 'act on 1', 'read', 'check']);
  });

  test('that is refused puts back what was recorded, once', async () => {
    const call = callOf([async () => refusal]);
    expect(await call.answer()).toBe(refusal);
    expect(call.log).toEqual(['read', 'check', 'act on 1', 'onRefused']);
  });

  test('that is refused needs nothing to put back', async () => {
    const permit: Permit = { revision: 1, check: async () => right(undefined) };
    expect(await permitted('section', permit, { read: async () => null, act: async () => refusal })()).toBe(refusal);
  });

  test.each(['fenced', 'none'] as const)(
    'that is refused leaves it to the controller in class %s',
    async (exclusion) => {
      const call = callOf([async () => refusal], {}, exclusion);
      expect(await call.answer()).toBe(refusal);
      expect(call.log).toEqual(['read', 'check', 'act on 1']);
    },
  );
});

describe('a call that is given up', () => {
  const given = (call: AbortController) => ({ signal: call.signal });
  const answersFailed = expect.objectContaining({ _tag: 'Failed', message: expect.stringContaining('given up') });

  /** Which part of the call the signal is aborted in, and what of the call has been done by then. */
  test.each([
    ['before it begins', null, []],
    ['while it reads', 'read', ['read']],
    ['while its permit is checked', 'check', ['read', 'check']],
  ])('%s, does nothing more', async (_, moment, done) => {
    const call = new AbortController();
    const log: Array<string> = [];
    const part = (name: string) => {
      log.push(name);
      if (name === moment) call.abort();
    };
    if (moment === null) call.abort();
    const check = async () => {
      part('check');
      return right(undefined);
    };
    const onRefused = async () => part('onRefused');
    const answer = await permitted(
      'section',
      { revision: 1, check, onRefused, ...given(call) },
      {
        read: async () => part('read'),
        act: async () => {
          part('act');
          return right('done');
        },
      },
    )();
    expect(answer).toEqual(left(answersFailed));
    expect(log).toEqual(done);
  });

  test('does not wait for a check that does not answer, and does nothing when that passes later', async () => {
    const call = new AbortController();
    let pass = (): void => {};
    const { answer, log } = callOf([], {
      check: () =>
        new Promise((resolve) => {
          pass = () => resolve(right(undefined));
        }),
      ...given(call),
    });
    const answered = answer();
    await new Promise((resolve) => setImmediate(resolve));
    call.abort();
    expect(await answered).toEqual(left(answersFailed));
    pass();
    await new Promise((resolve) => setImmediate(resolve));
    expect(log).toEqual(['read', 'check']);
  });

  test('in the moment in which its check has passed does nothing', async () => {
    const call = new AbortController();
    const { answer, log } = callOf([], {
      check: () => {
        const passed = Promise.resolve(right(undefined));
        // After the answer of the check, and before anything can follow from it.
        void passed.then(() => {}).then(() => call.abort());
        return passed;
      },
      ...given(call),
    });
    expect(await answer()).toEqual(left(answersFailed));
    expect(log).toEqual(['read', 'check']);
  });

  test('is told so, too, where its check rejects later', async () => {
    const call = new AbortController();
    const { answer } = callOf([], {
      check: async () => {
        call.abort();
        throw new Error('the store is broken');
      },
      ...given(call),
    });
    expect(await answer()).toEqual(left(answersFailed));
  });

  test('while it acts, answers as the act does, and what is refused is put back', async () => {
    const call = new AbortController();
    const { answer, log } = callOf(
      [
        async () => {
          call.abort();
          return refusal;
        },
      ],
      given(call),
    );
    expect(await answer()).toBe(refusal);
    expect(log).toEqual(['read', 'check', 'act on 1', 'onRefused']);
  });

  test('while it waits in its act, does not begin again', async () => {
    const call = new AbortController();
    const { answer, log } = callOf(
      [
        async () => {
          call.abort();
          return 'again';
        },
      ],
      given(call),
    );
    expect(await answer()).toEqual(left(answersFailed));
    expect(log).toEqual(['read', 'check', 'act on 1']);
  });
});

describe('a call rejects when a part of it does, and does not go on:', () => {
  const broken = async (): Promise<never> => {
    throw new Error('broken');
  };

  test('the check', async () => {
    const call = callOf([], { check: broken });
    await expect(call.answer()).rejects.toThrow('broken');
    expect(call.log).toEqual(['read', 'check']);
  });

  test('the act, after which nobody knows what happened, so nothing is put back', async () => {
    const call = callOf([broken]);
    await expect(call.answer()).rejects.toThrow('broken');
    expect(call.log).toEqual(['read', 'check', 'act on 1']);
  });

  test('what puts back, so that no refusal is answered that was not taken back', async () => {
    const call = callOf([async () => refusal], { onRefused: broken });
    await expect(call.answer()).rejects.toThrow('broken');
    expect(call.log).toEqual(['read', 'check', 'act on 1', 'onRefused']);
  });

  test('the reading', async () => {
    let checks = 0;
    const check: Permit['check'] = async () => {
      checks++;
      return right(undefined);
    };
    const call = permitted('section', { revision: 1, check }, { read: broken, act: async () => right(undefined) });
    await expect(call()).rejects.toThrow('broken');
    expect(checks).toBe(0);
  });
});
