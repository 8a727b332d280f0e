/** QMP: lines and messages however they arrive, and conversations with a QEMU that behaves in every odd way. */
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { right as rightOf } from 'fp-ts/lib/Either.js';
import { afterEach, describe, expect, test } from 'vitest';
import { createLineCutter, readMessage } from '../../src/adapters/qemu/messages.js';
import { converse, queryStatus } from '../../src/adapters/qemu/qmp.js';
import { directories } from '../linux/support.js';
import { left, right } from '../support/either.js';

describe('lines are cut from chunks', () => {
  const text = '{"event":"STOP"}\r\n\r\n{"return":"é 世界"}\n';

  test.each([1, 2, 3, 7, 1000])('however they were cut before: at %i bytes, within a character too', (size) => {
    const cut = createLineCutter();
    const bytes = Buffer.from(text);
    const lines: Array<string> = [];
    for (let from = 0; from < bytes.length; from += size) {
      lines.push(...right(cut(bytes.subarray(from, from + size))));
    }
    expect(lines).toEqual(['{"event":"STOP"}', '', '{"return":"é 世界"}']);
  });

  test('and one that has not ended is none yet', () => {
    const cut = createLineCutter();
    expect(right(cut(Buffer.from('{"ev')))).toEqual([]);
    expect(right(cut(Buffer.from('ent":1}\n{')))).toEqual(['{"event":1}']);
  });

  test('up to a limit, whether or not the end of the line is in sight', () => {
    const limited = () => createLineCutter(4);
    expect(right(limited()(Buffer.from('1234\n1234')))).toEqual(['1234']);
    expect(left(limited()(Buffer.from('12345\n')))).toBe('a line of more than 4 bytes');
    const cut = limited();
    right(cut(Buffer.from('123')));
    expect(left(cut(Buffer.from('45')))).toBe('a line of more than 4 bytes');
  });
});

describe('a message is read', () => {
  test.each([
    ['{"QMP": {"version": {}, "capabilities": []}}', { _tag: 'Greeting' }],
    ['{"return": {"status": "running"}, "id": 3}', { _tag: 'Return', id: 3, value: { status: 'running' } }],
    [
      '{"id": 3, "error": {"class": "CommandNotFound", "desc": "no such command"}}',
      { _tag: 'Error', id: 3, errorClass: 'CommandNotFound', description: 'no such command' },
    ],
    ['{"event": "RESUME", "timestamp": {}}', { _tag: 'Event', name: 'RESUME', data: {} }],
    [
      '{"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-reset"}}',
      { _tag: 'Event', name: 'SHUTDOWN', data: { guest: true, reason: 'guest-reset' } },
    ],
  ])('%s', (line, message) => {
    expect(right(readMessage(line))).toEqual(message);
  });

  test.each([
    '',
    'hello',
    '{"event"',
    'null',
    '[]',
    '3',
    '{}',
    '{"event":3}',
    '{"error":"no"}',
    `"${'x'.repeat(200)}"`,
  ])('and what is none is not: %s', (line) => {
    expect(left(readMessage(line))).toMatch(/^no QMP message: /);
    expect(left(readMessage(line)).length).toBeLessThan(110);
  });
});

// ---------------------------------------------------------------------------
// conversations
// ---------------------------------------------------------------------------

const servers: Array<Server> = [];
const newDirectory = directories();

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server that does as told with each connection; the path of its socket. */
const serve = async (behave: (socket: Socket) => void, backlog = 511): Promise<string> => {
  const socket = join(newDirectory(), 'qmp');
  const server = createServer((connection) => {
    connection.on('error', () => {});
    behave(connection);
  });
  servers.push(server);
  await new Promise<void>((listening) => server.listen({ path: socket, backlog }, listening));
  return socket;
};

const greeting = '{"QMP": {"version": {}, "capabilities": ["oob"]}}\r\n';

/** Greets, and answers each command with what the test says to it; the commands that came. */
const behaveLike =
  (answer: (command: string, id: unknown) => string, received: Array<string> = []) =>
  (socket: Socket) => {
    const cut = createLineCutter();
    socket.write(greeting);
    socket.on('data', (chunk: Buffer) => {
      for (const line of right(cut(chunk))) {
        const { execute, id }: { readonly execute: string; readonly id: unknown } = JSON.parse(line);
        received.push(execute);
        socket.write(answer(execute, id));
      }
    });
  };

const returning = (value: unknown, id: unknown): string => `${JSON.stringify({ return: value, id })}\r\n`;

const ask = (socket: string, withinMs = 30_000) => converse({ socket, withinMs }, queryStatus)();

describe('a conversation', () => {
  test('agrees on the protocol first, then asks', async () => {
    const received: Array<string> = [];
    const socket = await serve(behaveLike((_, id) => returning({ status: 'paused' }, id), received));
    expect(await ask(socket)).toEqual(rightOf('paused'));
    expect(received).toEqual(['qmp_capabilities', 'query-status']);
  });

  test('is not confused by events, by answers to nobody, nor by all of it in one chunk', async () => {
    const noise = '{"event":"STOP"}\n{"return":{"status":"wrong"},"id":99}\n{"return":{"status":"wrong"}}\n\n';
    const socket = await serve(
      behaveLike((_, id) => `${noise}${returning({ status: 'running' }, id)}{"event":"RESUME"}\n`),
    );
    expect(await ask(socket)).toEqual(rightOf('running'));
  });

  test('gives each answer to the command that it answers', async () => {
    const waiting: Array<unknown> = [];
    // The first of the two commands is answered after the second.
    const socket = await serve(
      behaveLike((command, id) => {
        if (command === 'qmp_capabilities') return returning({}, id);
        waiting.unshift(id);
        return waiting.length < 2 ? '' : waiting.map((one) => returning(`answer ${one}`, one)).join('');
      }),
    );
    const both = converse({ socket, withinMs: 30_000 }, async ({ execute }) =>
      rightOf(await Promise.all([execute('first')(), execute('second')()])),
    );
    expect(right(await both())).toEqual([rightOf('answer 2'), rightOf('answer 3')]);
  });

  test('goes on after a command that failed', async () => {
    const socket = await serve(
      behaveLike((command, id) =>
        command === 'cont'
          ? `${JSON.stringify({ error: { class: 'GenericError', desc: 'not now' }, id })}\n`
          : returning({ status: 'running' }, id),
      ),
    );
    const talk = converse({ socket, withinMs: 30_000 }, async (conversation) => {
      const failure = left(await conversation.execute('cont')());
      const status = right(await queryStatus(conversation));
      return rightOf({ failure, status });
    });
    expect(right(await talk())).toEqual({
      failure: { _tag: 'CommandFailed', message: 'GenericError: not now' },
      status: 'running',
    });
  });

  test('hangs up at its end, so that the next client is served', async () => {
    let ends = 0;
    const socket = await serve((connection) => {
      connection.on('close', () => ends++);
      behaveLike((_, id) => returning({ status: 'running' }, id))(connection);
    });
    await ask(socket);
    await expect.poll(() => ends).toBe(1);
  });

  test('hangs up also when what it is about goes wrong', async () => {
    let ends = 0;
    const socket = await serve((connection) => {
      connection.on('close', () => ends++);
      behaveLike((_, id) => returning({}, id))(connection);
    });
    const talk = converse({ socket, withinMs: 30_000 }, () => Promise.reject(new Error('broken')));
    await expect(talk()).rejects.toThrow('broken');
    await expect.poll(() => ends).toBe(1);
  });

  test('is lost when it is hung up on: before the greeting, and with a question open', async () => {
    const silent = await serve((connection) => connection.end());
    expect(left(await ask(silent))).toEqual({ _tag: 'ConnectionLost', message: 'QEMU hung up' });
    const dying = await serve((connection) => {
      behaveLike((command, id) => (command === 'qmp_capabilities' ? returning({}, id) : ''))(connection);
      connection.on('data', (chunk: Buffer) => chunk.includes('query-status') && connection.destroy());
    });
    expect(left(await ask(dying))._tag).toBe('ConnectionLost');
  });

  test('finds nobody where no socket is, or nobody behind it', async () => {
    expect(left(await ask(join(newDirectory(), 'qmp')))._tag).toBe('NotListening');
  });

  test('waits for its turn where more call than may wait', async () => {
    const socket = await serve(
      behaveLike((_, id) => returning({ status: 'running' }, id)),
      1,
    );
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(socket)));
    expect(answers).toEqual(answers.map(() => rightOf('running')));
  });

  test('waits for an answer as long as it was told, and no longer', async () => {
    const mute = await serve(() => {});
    expect(left(await ask(mute, 20))).toEqual({ _tag: 'NoAnswer', message: 'QEMU did not answer within 20 ms' });
  });

  test.each([
    ['no JSON', 'SSH-2.0-OpenSSH\r\n', 'no QMP message: SSH-2.0-OpenSSH'],
    ['a line without an end', 'x'.repeat(1_100_000), 'a line of more than 1048576 bytes'],
    ['what QEMU could not read', '{"error":{"class":"GenericError","desc":"bad"}}\n', 'GenericError: bad'],
  ])('ends at once at what is not QMP: %s', async (_, said, message) => {
    const socket = await serve((connection) => connection.write(said));
    expect(left(await ask(socket))).toEqual({ _tag: 'ProtocolBroken', message });
  });

  test.each([null, {}, { status: 3 }, 'running'])('ends at a status that is none: %j', async (value) => {
    const socket = await serve(behaveLike((_, id) => returning(value, id)));
    expect(left(await ask(socket))._tag).toBe('ProtocolBroken');
  });
});
