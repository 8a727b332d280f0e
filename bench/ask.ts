/**
 * Asks a child process one thing after another, by messages.
 */
import type { ChildProcess } from 'node:child_process';

/** Rejects when the child is gone before it has answered. */
export const ask = <A>(child: ChildProcess, message: NonNullable<unknown>): Promise<A> => {
  const answer = answerOf<A>(child);
  child.send(message);
  return answer;
};

const answerOf = <A>(child: ChildProcess): Promise<A> =>
  new Promise((resolve, reject) => {
    const settle = (end: () => void): void => {
      child.removeAllListeners();
      end();
    };
    child.once('message', (message: A) => settle(() => resolve(message)));
    child.once('error', (error) => settle(() => reject(error)));
    // Not when it exits: what it said last may come after that. Its channel ends only when all of it has been read.
    child.once('disconnect', () =>
      settle(() => reject(new Error(`the process is gone (${child.signalCode ?? child.exitCode})`))),
    );
  });
