/**
 * How far long work is: a bar on a terminal that a person watches, and nothing anywhere else.
 */
import type { Terminal } from './terminal.js';

export interface Progress {
  /** A share from 0 to 1; null: not known, and `label` says how far it is. Cheap: may be called at every step. */
  readonly show: (share: number | null, label: string) => void;
  /** Takes the bar away. */
  readonly end: () => void;
}

/** Work that is done sooner has no bar: it would only flicker. */
const patience = 300;
const pause = 100;
const width = 24;

/** `now` in milliseconds. */
export const createProgress = (
  { isWatched, err, columns }: Terminal,
  now: () => number = () => performance.now(),
): Progress => {
  if (!isWatched) return { show: () => {}, end: () => {} };
  let nextAt = now() + patience;
  let isShown = false;
  return {
    show: (share, label) => {
      const at = now();
      if (at < nextAt) return;
      nextAt = at + pause;
      isShown = true;
      err(`\r\u001b[K${lineOf(share, label).slice(0, Math.max(1, columns - 1))}`);
    },
    end: () => {
      if (isShown) err('\r\u001b[K');
      isShown = false;
    },
  };
};

const lineOf = (share: number | null, label: string): string => {
  if (share === null) return label;
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  const percent = `${Math.floor(share * 100)}`.padStart(3);
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${percent} %  ${label}`;
};
