/**
 * What the command line prints, written down. `REWRITE=1 npx vitest run test/cli` writes it anew; then a person has to read it.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

const folder = new URL('golden/', import.meta.url);
const isRewriting = (process.env['REWRITE'] ?? '') !== '';

export const expectGolden = (name: string, text: string): void => {
  expect(isRewriting && process.env['CI'] !== undefined, 'REWRITE is for people').toBe(false);
  const file = new URL(`${name}.txt`, folder);
  if (isRewriting) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
  }
  expect(text).toBe(readFileSync(file, 'utf8'));
};
