import { constVoid } from './function.js';

/**
 * Calls what belongs to the host, such as a listener. If it throws, that is the host's own affair and harms nothing here; and so
 * if it is an async function, which its type allows, and rejects.
 */
export const swallowErrors = (call: () => unknown): void => {
  try {
    const answer = call();
    if (answer !== undefined) Promise.resolve(answer).catch(constVoid);
  } catch {
    // Nobody is left to notify.
  }
};
