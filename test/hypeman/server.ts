/**
 * A small server that behaves as hypeman's instances API does, as far as the adapter meets it, on a real socket.
 *
 * What it keeps of the original: instances are found by id, by name, and by the beginning of an id; starts and stops of
 * one instance go one after the other; a start of what is up and a stop of what is down are answered and do nothing;
 * from every other state both are refused with 409; a run that ends by itself is not dated; `wait` answers at the
 * target, and early where an instance is at rest or unknown.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import Hypeman from '@onkernel/hypeman';
import { fastify } from 'fastify';
import { parseDuration } from '../../src/index.js';
import { right } from '../support/either.js';

type State = Hypeman.Instance['state'];

interface Stored {
  id: string;
  name: string;
  state: State;
  started_at: string | null;
  stopped_at: string | null;
  exit_code: number | null;
  restart_policy?: Hypeman.RestartPolicy;
  health_status?: Hypeman.InstanceHealthStatus;
  current_phase?: string;
  current_phase_since?: string;
  phase_durations_ms?: Record<string, number>;
}

/** What a call is answered with. `hangUp`: the connection breaks. `silence`: nothing, until the client gives it up. */
type Answer = { readonly status: number; readonly body: unknown } | 'hangUp' | 'silence';

type Call = 'get' | 'start' | 'stop' | 'wait';

export interface FakeHypeman {
  readonly client: Hypeman;
  /** An instance that never ran, or as told. */
  readonly create: (id: string, as?: Partial<Stored>) => void;
  readonly set: (id: string, to: Partial<Stored>) => void;
  readonly remove: (id: string) => void;
  /** The run ends by itself. */
  readonly exit: (id: string, exitCode: number) => void;
  /** How many runs there are: a start that was let through twice makes two. */
  readonly runs: (id: string) => number;
  /** The next such call is answered so; what it asks for is not done, unless `anyway`. */
  readonly answerNext: (call: Call, answer: Answer, anyway?: 'anyway') => void;
  /** Until the answer is called, hypeman is busy with each stop of a run: it shows nothing of it. */
  readonly slowStops: () => () => void;
  /** From now on every start of the instance is refused. */
  readonly refuseStarts: (id: string) => void;
  /** The calls so far, in the order they came, such as "start web-1". */
  readonly calls: ReadonlyArray<string>;
  /** How many calls of `wait` stand open. */
  readonly waiting: () => number;
  readonly close: () => Promise<void>;
}

interface FakeOptions {
  /** Dates the ends of runs that end by themselves too, as hypeman does not. */
  readonly datesEnds?: boolean;
}

export const openFakeHypeman = async ({ datesEnds = false }: FakeOptions = {}): Promise<FakeHypeman> => {
  const instances = new Map<string, Stored>();
  const runs = new Map<string, number>();
  const locks = new Map<string, Promise<unknown>>();
  const refusing = new Set<string>();
  const planned: Array<{ readonly call: Call; readonly answer: Answer; readonly anyway: boolean }> = [];
  const calls: Array<string> = [];
  const watchers = new Set<() => void>();
  let waiting = 0;
  let stops: Promise<void> = Promise.resolve();

  const change = (instance: Stored, to: Partial<Stored>): void => {
    Object.assign(instance, to);
    for (const watcher of [...watchers]) watcher();
  };

  const count = (id: string, by: 1 | -1): void => void runs.set(id, (runs.get(id) ?? 0) + by);

  const resolve = (key: string): Stored | undefined =>
    instances.get(key) ??
    [...instances.values()].find(({ name }) => name === key) ??
    [...instances.values()].find(({ id }) => id.startsWith(key));

  /** One after the other per instance. */
  const locked = <A>(id: string, work: () => Promise<A>): Promise<A> => {
    const done = (locks.get(id) ?? Promise.resolve()).then(work);
    locks.set(id, done);
    return done;
  };

  const started = (instance: Stored): Promise<Reply> =>
    locked(instance.id, async () => {
      if (isUp(instance)) return { status: 200, body: instance };
      if (refusing.has(instance.id)) return refusal('insufficient_resources', 'insufficient resources: no memory');
      if (instance.state !== 'Stopped') return invalidState('start', instance);
      change(instance, { state: 'Created' });
      await nextTurn();
      count(instance.id, 1);
      change(instance, { state: 'Initializing', started_at: nowText(), exit_code: null });
      void boot(instance);
      return { status: 200, body: { ...instance } };
    });

  const boot = async (instance: Stored): Promise<void> => {
    await nextTurn();
    if (instance.state === 'Initializing') change(instance, { state: 'Running' });
  };

  const stopped = (instance: Stored): Promise<Reply> =>
    locked(instance.id, async () => {
      if (instance.state === 'Stopped') return { status: 200, body: instance };
      if (!isUp(instance)) return invalidState('stop', instance);
      await nextTurn();
      await stops;
      // It may have ended by itself meanwhile.
      if (isUp(instance)) {
        count(instance.id, -1);
        change(instance, { state: 'Stopped', stopped_at: nowText(), exit_code: 143 });
      }
      return { status: 200, body: { ...instance } };
    });

  /** Answers at the target, at rest, when the time is over, or when the client has gone. */
  const reached = async (instance: Stored, target: State, timeoutMs: number, gone: AbortSignal): Promise<Reply> => {
    const isOver = (): boolean =>
      !instances.has(instance.id) ||
      instance.state === target ||
      ['Stopped', 'Standby', 'Unknown'].includes(instance.state);
    let timedOut = false;
    waiting++;
    if (!isOver()) {
      await new Promise<void>((done) => {
        const end = (): void => {
          clearTimeout(timer);
          watchers.delete(check);
          done();
        };
        const check = (): void => {
          if (isOver()) end();
        };
        const timer = setTimeout(() => {
          timedOut = true;
          end();
        }, timeoutMs);
        watchers.add(check);
        gone.addEventListener('abort', end);
      });
    }
    waiting--;
    if (!instances.has(instance.id)) return notFound;
    return { status: 200, body: { state: instance.state, timed_out: timedOut } };
  };

  const app = fastify({ forceCloseConnections: true });

  const route = (
    method: 'GET' | 'POST',
    path: string,
    call: Call,
    act: (instance: Stored, query: Record<string, string>, gone: AbortSignal) => Promise<Reply>,
  ): void => {
    app.route<{ Params: { id: string }; Querystring: Record<string, string> }>({
      method,
      url: `/instances/:id${path}`,
      handler: async (request, reply) => {
        calls.push(`${call} ${request.params.id}`);
        const gone = new AbortController();
        reply.raw.on('close', () => gone.abort());
        const at = planned.findIndex((plan) => plan.call === call);
        const [plan] = at === -1 ? [] : planned.splice(at, 1);
        const instance = resolve(request.params.id);
        const acts = instance !== undefined && (plan === undefined || plan.anyway);
        const answer = acts ? await act(instance, request.query, gone.signal) : notFound;
        if (plan === undefined) return reply.status(answer.status).send(answer.body);
        if (plan.answer === 'hangUp' || plan.answer === 'silence') {
          if (plan.answer === 'hangUp') request.raw.socket.destroy();
          return reply.hijack();
        }
        return reply.status(plan.answer.status).send(plan.answer.body);
      },
    });
  };

  route('GET', '', 'get', async (instance) => ({ status: 200, body: instance }));
  route('POST', '/start', 'start', started);
  route('POST', '/stop', 'stop', stopped);
  route('GET', '/wait', 'wait', (instance, { state, timeout = '60s' }, gone) =>
    reached(instance, state as State, right(parseDuration(timeout)), gone),
  );

  const baseURL = await app.listen({ host: '127.0.0.1', port: 0 });
  const get = (id: string): Stored => {
    const instance = instances.get(id);
    if (instance === undefined) throw new Error(`no instance ${id}`);
    return instance;
  };

  return {
    client: new Hypeman({ baseURL, apiKey: 'of no importance', logLevel: 'off' }),
    create: (id, as) => {
      const never = { state: 'Stopped' as const, started_at: null, stopped_at: null, exit_code: null };
      instances.set(id, { id, name: `name-of-${id}`, ...never, ...as });
    },
    set: (id, to) => change(get(id), to),
    remove: (id) => {
      const instance = get(id);
      instances.delete(id);
      change(instance, {});
    },
    exit: (id, exitCode) => {
      const instance = get(id);
      count(id, -1);
      change(instance, {
        state: 'Stopped',
        exit_code: exitCode,
        ...(datesEnds ? { stopped_at: nowText() } : {}),
      });
    },
    runs: (id) => runs.get(id) ?? 0,
    answerNext: (call, answer, anyway) => void planned.push({ call, answer, anyway: anyway !== undefined }),
    slowStops: () => {
      let release = (): void => undefined;
      stops = new Promise((resolve) => {
        release = resolve;
      });
      return () => release();
    },
    refuseStarts: (id) => void refusing.add(id),
    calls,
    waiting: () => waiting,
    close: () => app.close(),
  };
};

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

const isUp = ({ state }: Stored): boolean => state === 'Running' || state === 'Initializing';

const nowText = (): string => new Date().toISOString();

const refusal = (code: string, message: string): Reply => ({ status: 409, body: { code, message } });

const invalidState = (call: string, { state }: Stored): Reply =>
  refusal('invalid_state', `invalid state transition: cannot ${call} from state ${state}`);

const notFound: Reply = { status: 404, body: { code: 'not_found', message: 'instance not found' } };
