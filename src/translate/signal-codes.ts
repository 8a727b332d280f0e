/**
 * Exit codes that stand for a signal.
 */
import type { Notes } from './translation.js';

/** The codes that shells and container engines make of signals. */
export const tellOfSignals = (codes: ReadonlyArray<number>, path: string, notes: Notes): void => {
  const signals = codes.filter((code) => code > 128 && code <= 192);
  if (signals.length === 0) return;
  notes.loss(
    path,
    signals.length === 1 ? signals[0] : signals,
    `${signals.map((code) => `${code} (signal ${code - 128})`).join(', ')}: an end by a signal has no exit code here, unless the host ` +
      'tells one; it has the cause signal, or out_of_memory, whatever the signal was.',
  );
};
