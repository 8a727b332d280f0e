/** What the witness of the crash test takes for at rest, where the list of processes has not found a run yet. */
import { beforeEach, expect, test } from 'vitest';
import { initialStatus } from '../../src/index.js';
import { instances } from './instances.js';
import type { RunProcess } from './processes.js';
import { createWitness, type Witness } from './witness.js';

const [{ id, policy } = { id: '', policy: null }] = instances;
const others = instances.slice(1).map((other) => other.id);
const run: RunProcess = { id, life: 1, revision: 2, pid: 77, group: 77 };

let listed: ReadonlyArray<RunProcess>;
let witness: Witness;

/** A person stopped the instance while a start of theirs hung; nothing hangs any more. */
beforeEach(() => {
  listed = [];
  const stopped = { ...initialStatus, blockedReason: 'manual_stop' } as const;
  const writes = [{ id, revision: 3, at: 1, record: { policy: policy ?? fail(), status: stopped } }];
  witness = createWitness(
    { read: () => writes.splice(0) },
    { read: () => [], close: () => {} },
    { runs: () => listed, all: () => [] },
  );
  witness.hostBegan(1);
  witness.hostOpened();
  witness.check();
  witness.inspected([]);
  witness.released();
});

const fail = (): never => {
  throw new Error('no instance');
};

test('it is not at rest before the hypervisor was asked, though no process is found', () => {
  witness.check();
  expect(witness.restless()).toContain(`${id} ends`);
});

test('it is not at rest while the hypervisor finds it running, though no process is found', () => {
  witness.inspected([id, ...others]);
  witness.check();
  expect(witness.restless()).toContain(`${id} ends`);
});

test('it is not at rest while a process is found, though the hypervisor finds none', () => {
  listed = [run];
  witness.inspected([]);
  witness.check();
  expect(witness.restless()).toContain(`${id} ends`);
});

test('it is at rest when neither finds it, and a run that is found later is told', () => {
  witness.inspected([]);
  witness.check();
  expect(witness.restless()).toEqual([]);
  witness.atRest();
  listed = [run];
  witness.check();
  expect(witness.violations()).toEqual([expect.objectContaining({ of: 'G9', id })]);
});
