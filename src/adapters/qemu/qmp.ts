/**
 * A conversation over QMP: connect, agree on the protocol, ask, hang up.
 *
 * QEMU serves one client of a QMP socket at a time, and the next one waits. So no conversation is longer than what it
 * is for, and each has an end: a QEMU that is stopped, or hangs, accepts connections and never answers.
 */
import { createConnection, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Millis } from '../../duration.js';
import { left, right } from '../../either.js';
import type { CallSignal } from '../../ports/call.js';
import { isGivenUp } from '../common/given-up.js';
import { createLineCutter, isObject, type QmpMessage, readMessage } from './messages.js';

// ---------------------------------------------------------------------------
// model
// ---------------------------------------------------------------------------

export type QmpError =
  /** There is no socket, or nobody behind it: not yet, or no more. */
  | { readonly _tag: 'NotListening'; readonly message: string }
  /** It was there, and hung up. A QEMU that ends does. */
  | { readonly _tag: 'ConnectionLost'; readonly message: string }
  | { readonly _tag: 'NoAnswer'; readonly message: string }
  /** We hung up, because nobody waits any more. What was asked for may happen all the same. */
  | { readonly _tag: 'GivenUp'; readonly message: string }
  /** What it sends is not QMP. */
  | { readonly _tag: 'ProtocolBroken'; readonly message: string }
  /** It answered that it cannot do that. */
  | { readonly _tag: 'CommandFailed'; readonly message: string };

export interface Conversation {
  /** The value that it returns. After anything but `CommandFailed` the conversation is over. */
  readonly execute: (command: string) => TaskEither<QmpError, unknown>;
}

export interface Talk {
  readonly socket: string;
  /** From the connection to the last answer, in milliseconds. */
  readonly withinMs: Millis;
  /** Once it is aborted the conversation is over. */
  readonly signal?: CallSignal | undefined;
}

// ---------------------------------------------------------------------------
// conversation
// ---------------------------------------------------------------------------

/** Connects, has the conversation, and hangs up, however it went. Never rejects unless `about` does. */
export const converse =
  <A>(talk: Talk, about: (conversation: Conversation) => Promise<Either<QmpError, A>>): TaskEither<QmpError, A> =>
  async () => {
    const deadline = performance.now() + talk.withinMs;
    const connected = await connect(talk, deadline);
    if (connected._tag === 'Left') return connected;
    const line = lineOf(connected.right, talk.withinMs, deadline);
    talk.signal?.addEventListener('abort', line.giveUp, { once: true });
    if (isGivenUp(talk.signal)) line.giveUp();
    try {
      const greeting = await line.greeted;
      if (greeting._tag === 'Left') return greeting;
      const agreed = await line.execute('qmp_capabilities')();
      return agreed._tag === 'Left' ? agreed : await about({ execute: line.execute });
    } finally {
      talk.signal?.removeEventListener('abort', line.giveUp);
      line.hangUp();
    }
  };

/** One client is served, one more may wait; who comes then comes again, after so many milliseconds. */
const turnMs: Millis = 20;

const connect = async ({ socket, withinMs, signal }: Talk, deadline: number): Promise<Either<QmpError, Socket>> => {
  for (;;) {
    const tried = await tryToConnect(socket);
    if (tried._tag === 'Right') return tried;
    if (!('code' in tried.left && tried.left.code === 'EAGAIN')) return left(asQmpError(tried.left));
    if (isGivenUp(signal)) return left(hungUp);
    if (performance.now() >= deadline) return left(noAnswer(withinMs));
    await sleep(turnMs);
  }
};

/** Whether someone is behind the socket: as long as QEMU lives, it is, though it may not answer. */
export const isListening = async (path: string): Promise<boolean> => {
  const tried = await tryToConnect(path);
  if (tried._tag === 'Right') tried.right.destroy();
  return tried._tag === 'Right' || asQmpError(tried.left)._tag !== 'NotListening';
};

const tryToConnect = (path: string): Promise<Either<Error, Socket>> =>
  new Promise((resolve) => {
    const socket = createConnection({ path });
    socket.on('error', (error) => resolve(left(error)));
    socket.once('connect', () => resolve(right(socket)));
  });

type Answer = (answer: Either<QmpError, unknown>) => void;

const lineOf = (socket: Socket, withinMs: Millis, deadline: number) => {
  const cut = createLineCutter();
  /** By the id that the command was sent with. */
  const awaited = new Map<number, Answer>();
  let lastId = 0;
  let ended: QmpError | null = null;
  let greet: Answer = () => {};
  const greeted = new Promise<Either<QmpError, unknown>>((resolve) => {
    greet = resolve;
  });

  const end = (error: QmpError): void => {
    if (ended !== null) return;
    ended = error;
    clearTimeout(patience);
    socket.destroy();
    greet(left(error));
    for (const answer of awaited.values()) answer(left(error));
    awaited.clear();
  };

  const onMessage = (message: QmpMessage): void => {
    switch (message._tag) {
      case 'Greeting':
        greet(right(undefined));
        break;
      case 'Event':
        // Written into a file as well, where none is missed.
        break;
      case 'Return':
        answered(message.id, right(message.value));
        break;
      case 'Error': {
        const reason = `${message.errorClass}: ${message.description}`;
        // An error without an id answers what QEMU could not even read: what we wait for will not come.
        if (message.id === undefined) end({ _tag: 'ProtocolBroken', message: reason });
        else answered(message.id, left({ _tag: 'CommandFailed', message: reason }));
        break;
      }
    }
  };

  const answered = (id: unknown, answer: Either<QmpError, unknown>): void => {
    if (typeof id !== 'number') return;
    const give = awaited.get(id);
    awaited.delete(id);
    give?.(answer);
  };

  const patience = setTimeout(() => end(noAnswer(withinMs)), deadline - performance.now());
  socket.on('data', (chunk: Buffer) => {
    const lines = cut(chunk);
    if (lines._tag === 'Left') return end({ _tag: 'ProtocolBroken', message: lines.left });
    for (const line of lines.right) {
      if (line === '') continue;
      const message = readMessage(line);
      if (message._tag === 'Left') return end({ _tag: 'ProtocolBroken', message: message.left });
      onMessage(message.right);
    }
  });
  socket.on('error', (error) => end(asQmpError(error)));
  socket.on('close', () => end({ _tag: 'ConnectionLost', message: 'QEMU hung up' }));

  return {
    greeted,
    giveUp: () => end(hungUp),
    hangUp: () => end({ _tag: 'ConnectionLost', message: 'we hung up' }),
    execute:
      (command: string): TaskEither<QmpError, unknown> =>
      () =>
        new Promise((resolve) => {
          if (ended !== null) return resolve(left(ended));
          const id = ++lastId;
          awaited.set(id, resolve);
          socket.write(`${JSON.stringify({ execute: command, id })}\n`);
        }),
  };
};

const noAnswer = (withinMs: Millis): QmpError => ({
  _tag: 'NoAnswer',
  message: `QEMU did not answer within ${withinMs} ms`,
});

const hungUp: QmpError = { _tag: 'GivenUp', message: 'nobody waits for the answer of QEMU any more' };

const nobodyThere: ReadonlySet<unknown> = new Set(['ENOENT', 'ECONNREFUSED']);

const asQmpError = (error: Error): QmpError => ({
  _tag: 'code' in error && nobodyThere.has(error.code) ? 'NotListening' : 'ConnectionLost',
  message: error.message,
});

// ---------------------------------------------------------------------------
// what we ask
// ---------------------------------------------------------------------------

/** QEMU's name for the state of the machine, such as `running`, `paused` or `prelaunch`. */
export const queryStatus = async ({ execute }: Conversation): Promise<Either<QmpError, string>> => {
  const answer = await execute('query-status')();
  if (answer._tag === 'Left') return answer;
  const status = isObject(answer.right) ? answer.right['status'] : undefined;
  return typeof status === 'string'
    ? right(status)
    : left({ _tag: 'ProtocolBroken', message: `no status in ${JSON.stringify(answer.right)}` });
};
