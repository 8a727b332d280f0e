/**
 * The state in the address: each act of a person is a step of the history, and typing into one field is one act.
 */

export interface Address {
  /** `edit`: what is typed into; null: an act of its own. */
  readonly write: (hash: string, edit: string | null) => void;
  /** Writes what is still to be written. */
  readonly flush: () => void;
}

/** Browsers refuse many writes in a short time. */
const quiet = 150;

/** `onMove` is called with the new hash when the history is walked, or the address edited. */
export const createAddress = (onMove: (hash: string) => void): Address => {
  let lastEdit: string | null = null;
  let pending: string | null = null;
  let timer = 0;

  const put = (hash: string, how: 'pushState' | 'replaceState'): void => {
    try {
      history[how](null, '', `#${hash}`);
    } catch {
      // Too many in a short time: the next one says it all.
    }
  };
  const flush = (): void => {
    clearTimeout(timer);
    if (pending !== null) put(pending, 'replaceState');
    pending = null;
  };
  const endEdit = (): void => {
    flush();
    lastEdit = null;
  };

  addEventListener('popstate', () => {
    // What was to be written belonged to the step that was left.
    clearTimeout(timer);
    pending = null;
    lastEdit = null;
    onMove(location.hash);
  });
  addEventListener('focusout', endEdit);
  addEventListener('pagehide', flush);

  return {
    write: (hash, edit) => {
      if (edit !== null && edit === lastEdit) {
        clearTimeout(timer);
        pending = hash;
        timer = setTimeout(flush, quiet);
        return;
      }
      flush();
      lastEdit = edit;
      if (location.hash.slice(1) !== hash) put(hash, 'pushState');
    },
    flush,
  };
};
