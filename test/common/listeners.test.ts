/** Who listens is called whatever the others do. */
import { expect, test } from 'vitest';
import { createListeners } from '../../src/adapters/common/listeners.js';

test('what one listener throws, or rejects with, keeps no other from being called', async () => {
  const { subscribe, notify } = createListeners<string>();
  const heard: Array<string> = [];
  subscribe((what) => {
    heard.push(`first ${what}`);
    throw new Error('of a listener');
  });
  const rejects = (what: string): unknown => {
    heard.push(`second ${what}`);
    return Promise.reject(new Error('of an async listener'));
  };
  subscribe(rejects);
  const cancel = subscribe((what) => heard.push(`third ${what}`));
  notify('a');
  cancel();
  notify('b');
  // What is rejected and not caught is told when the promises have had their turn, and fails the run.
  await new Promise((resolve) => setImmediate(resolve));
  expect(heard).toEqual(['first a', 'second a', 'third a', 'first b', 'second b']);
});
