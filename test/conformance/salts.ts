/** Salts of ids: of each length of a last block, of each length of a character, and of halves of characters. */
import { saltOf } from '../../src/salt.js';

export interface Salt {
  readonly id: string;
  readonly salt: number;
}

const ids: ReadonlyArray<string> = [
  '',
  'a',
  'ab',
  'abc',
  'abcd',
  'abcde',
  'hello',
  'hello, world',
  'The quick brown fox jumps over the lazy dog',
  'web-1',
  'web-2',
  'i-0123456789abcdef0',
  '3b241101-e2bb-4255-8caf-4136c566a962',
  '\u0000',
  '\u0000\u0000\u0000\u0000',
  ' ',
  '\n',
  '"quoted" \\ path/',
  '\u007f',
  '\u0080',
  'ü',
  'u\u0308',
  '\u07ff',
  '\u0800',
  '€',
  '日本語のインスタンス',
  '\ufeff',
  '\uffff',
  '\u{10000}',
  '😀',
  'a😀b',
  '👩‍🚀',
  '\u{10ffff}',
  // Half a character counts as U+FFFD.
  '\ud800',
  '\udbff',
  '\udc00',
  '\udfff',
  '\ufffd',
  'a\ud800b',
  'a\ufffdb',
  '\ude00\ud83d',
  '\ud83d\ud83d\ude00',
  '\ud83d\ude00\ude00',
  'x'.repeat(255),
  'é'.repeat(64),
];

export const salts = (): ReadonlyArray<Salt> => ids.map((id) => ({ id, salt: saltOf(id) }));
