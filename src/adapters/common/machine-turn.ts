/**
 * The event loop's next turn, on every platform.
 */

/** Answers in the next turn; all promises that can go on have gone on when it does. */
export const nextTurn: () => Promise<void> =
  typeof setImmediate === 'function'
    ? () => new Promise((resolve) => setImmediate(resolve))
    : // Browsers: a message is the one macrotask that is not slowed down when it is nested.
      () =>
        new Promise((resolve) => {
          const { port1, port2 } = new MessageChannel();
          // Assigned from the side: Node's types know only its own way to listen, browsers only this one.
          const onmessage = (): void => {
            port1.close();
            resolve();
          };
          Object.assign(port1, { onmessage });
          port2.postMessage(null);
        });
