/** Calls what belongs to the host, such as a listener. If it throws, that is the host's own affair and harms nothing here. */
export const swallowErrors = (call: () => void): void => {
  try {
    call();
  } catch {
    // Nobody is left to notify.
  }
};
