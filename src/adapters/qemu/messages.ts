/**
 * QEMU's messages over QMP, line by line: the same from a socket as from the log of its events.
 */
import type { Either } from 'fp-ts/lib/Either.js';
import { left, right } from '../../either.js';

export type QmpMessage =
  | { readonly _tag: 'Greeting' }
  | { readonly _tag: 'Return'; readonly id: unknown; readonly value: unknown }
  /** `errorClass` is QEMU's own; `description` is for people. */
  | { readonly _tag: 'Error'; readonly id: unknown; readonly errorClass: string; readonly description: string }
  | QmpEvent;

export interface QmpEvent {
  readonly _tag: 'Event';
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}

// ---------------------------------------------------------------------------
// lines
// ---------------------------------------------------------------------------

/** In bytes. The longest answer to what we ask has some hundred; a line above it is no QMP, or no QEMU. */
const longestLine = 1_048_576;

const lineFeed = 0x0a;

/**
 * Cuts chunks into lines, without their ends, however the chunks were cut before. Left, from then on: a line longer
 * than the limit. Bytes are joined before they are read as text, for a chunk may end within a character.
 */
export const createLineCutter = (limit = longestLine): ((chunk: Buffer) => Either<string, ReadonlyArray<string>>) => {
  let begun: ReadonlyArray<Buffer> = [];
  let length = 0;
  const tooLong = left(`a line of more than ${limit} bytes`);

  return (chunk) => {
    const lines: Array<string> = [];
    let from = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, from)) {
      length += end - from;
      if (length > limit) return tooLong;
      lines.push(
        Buffer.concat([...begun, chunk.subarray(from, end)])
          .toString('utf8')
          .trim(),
      );
      begun = [];
      length = 0;
      from = end + 1;
    }
    begun = [...begun, chunk.subarray(from)];
    length += chunk.length - from;
    return length > limit ? tooLong : right(lines);
  };
};

// ---------------------------------------------------------------------------
// messages
// ---------------------------------------------------------------------------

/** Left: why the line is no message. Unknown fields are none of our business. */
export const readMessage = (line: string): Either<string, QmpMessage> => {
  const value = parsed(line);
  if (!isObject(value)) return left(`no QMP message: ${shortened(line)}`);
  if ('QMP' in value) return right({ _tag: 'Greeting' });
  if ('return' in value) return right({ _tag: 'Return', id: value['id'], value: value['return'] });
  const { event, error, data } = value;
  if (typeof event === 'string') return right({ _tag: 'Event', name: event, data: isObject(data) ? data : {} });
  if (isObject(error)) {
    const [errorClass, description] = [String(error['class']), String(error['desc'])];
    return right({ _tag: 'Error', id: value['id'], errorClass, description });
  }
  return left(`no QMP message: ${shortened(line)}`);
};

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};

export const isObject = (u: unknown): u is Readonly<Record<string, unknown>> =>
  typeof u === 'object' && u !== null && !Array.isArray(u);

const shortened = (line: string): string => (line.length > 80 ? `${line.slice(0, 80)}…` : line);
