/**
 * docs/playground.html is what `npm run playground` builds, and needs nothing but itself.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { buildPlayground, playgroundFile } from '../../scripts/playground.mjs';

const committed = readFileSync(playgroundFile, 'utf8');

test('the committed playground is what its sources and the library say: npm run playground', async () => {
  expect(committed === (await buildPlayground()), 'npm run playground builds it anew').toBe(true);
});

test('the playground is built the same, wherever and however often', async () => {
  const before = process.cwd();
  const first = await buildPlayground();
  process.chdir('/');
  try {
    expect(await buildPlayground()).toBe(first);
  } finally {
    process.chdir(before);
  }
});

test('the playground holds no address to fetch from', () => {
  const namespaces = ['http://www.w3.org/2000/svg'];
  const addresses = [...committed.matchAll(/(?:https?|wss?|ftp):\/\/[^\s"'`<>)\\]*/g)].map(([address]) => address);
  expect(addresses.filter((address) => !namespaces.includes(address))).toEqual([]);
  // Nor one that begins in the middle: whatever is loaded is in the page itself.
  const loading = [...committed.matchAll(/<(?:link|script|img|iframe|object|embed|source)\b[^>]*>/g)].map(
    ([tag]) => tag,
  );
  expect(loading).toEqual(['<link rel="icon" href="data:,">', '<script>']);
  expect(committed).not.toMatch(/@import|url\(/);
});

test('the playground forbids itself all that is not in it', () => {
  const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(committed) ?? [];
  expect(policy.split('; ')).toEqual([
    "default-src 'none'",
    expect.stringMatching(/^script-src 'sha256-[A-Za-z0-9+/]{43}='$/),
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ]);
});
