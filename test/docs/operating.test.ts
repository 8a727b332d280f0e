import { readFileSync } from 'node:fs';
import type { Fault } from 'restart-policy/controller';
import { describe, expect, test } from 'vitest';
import { prose } from '../../src/reason.js';

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const page = read('docs/operating.md');

/** The first cells of the rows of a section, without what quotes them. */
const rowsOf = (heading: string): ReadonlyArray<string> => {
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  const [text = ''] = section.split('\n## ');
  return [...text.matchAll(/^\| `([a-z_]+)(?:\{[^}]*\})?` \|/gm)].map(([, cell]) => cell ?? '');
};

// A record, so that the compiler notices what is new or gone.
const steps: Readonly<Record<Fault['during'], true>> = {
  load: true,
  save: true,
  list: true,
  remove: true,
  hold: true,
  inspect: true,
  start: true,
  stop: true,
};

describe('the page for whoever is on call', () => {
  test('has a row for every reason that a decision on an instance can have', () => {
    expect(rowsOf('The twenty reasons')).toEqual(Object.keys(prose));
  });

  test('has a row for every step in which there can be a fault', () => {
    expect(rowsOf('Faults')).toEqual(Object.keys(steps));
  });

  test('has a row for every metric of the example, and for no other', () => {
    const metrics = [...read('examples/03-hypeman-api/metrics.ts').matchAll(/name: '(restart_policy_\w+)'/g)];
    expect(metrics.length).toBeGreaterThan(0);
    expect([...rowsOf('What to watch')].sort()).toEqual(metrics.map(([, name]) => name).sort());
  });
});
