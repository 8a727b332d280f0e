/**
 * What a host's listener is told of people's commands.
 */

import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { describe, expect, test } from 'vitest';
import type { CommandRecord, Controller } from '../../src/controller.js';
import { controllerOf } from '../support/controller.js';
import { left, right } from '../support/either.js';
import { always, createHost, midnight } from '../support/host.js';

const supervise = (onCommand: (record: CommandRecord) => void) => {
  const host = createHost();
  const { clock, hypervisor, store } = host;
  return { host, controller: controllerOf({ store, hypervisor, clock, onCommand }) };
};

const commands: ReadonlyArray<[event: string, command: (controller: Controller) => TaskEither<unknown, unknown>]> = [
  ['ManualStart', (controller) => controller.manualStart('web')],
  ['PolicyUpdated', (controller) => controller.updatePolicy('web', always)],
  ['Pause', (controller) => controller.pause('web')],
  ['Resume', (controller) => controller.resume('web')],
  ['ManualStop', (controller) => controller.manualStop('web')],
  ['Reset', (controller) => controller.reset('web')],
  ['DeleteRequested', (controller) => controller.requestDelete('web')],
];

describe('a command', () => {
  test('is told once, when it is answered, and before whoever gave it goes on', async () => {
    const said: Array<unknown> = [];
    const { host, controller } = supervise((record) => said.push(record));
    await host.clock.advance(7);
    for (const [event, command] of commands) {
      right(await command(controller)());
      expect(said).toEqual([{ id: 'web', event: { _tag: event }, error: null, now: midnight + 7 }]);
      said.length = 0;
    }
  });

  test('is told with what it was answered instead', async () => {
    const said: Array<CommandRecord> = [];
    const { host, controller } = supervise((record) => said.push(record));
    host.hypervisor.nextStart('web', { outcome: 'refused' });
    const error = left(await controller.manualStart('web')());
    expect(error).toMatchObject({ _tag: 'Refused' });
    expect(said).toEqual([{ id: 'web', event: { _tag: 'ManualStart' }, error, now: midnight }]);
  });

  test('is not told where the controller has closed, for it was none', async () => {
    const said: Array<CommandRecord> = [];
    const { controller } = supervise((record) => said.push(record));
    await controller.close()();
    for (const [, command] of commands) expect(left(await command(controller)())).toEqual({ _tag: 'Closed' });
    expect(said).toEqual([]);
  });

  test('is answered as ever where the listener throws', async () => {
    const { host, controller } = supervise(() => {
      throw new Error('a fault of the host');
    });
    right(await controller.manualStart('web')());
    expect(host.hypervisor.running('web')).toBe(1);
  });
});
