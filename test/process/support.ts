/** Hypervisors of child processes, and what lives of their runs. */
import { openProcessHypervisor, type ProcessHypervisorOptions } from '../../src/adapters/process.js';
import { commandLinesWith, openingsOf } from '../linux/instances.js';

/** Pids of the living processes whose command line contains the text. */
export const living = (text: string): ReadonlyArray<number> => commandLinesWith(text).map(({ pid }) => pid);

/** Directories that are removed after each test; hypervisors opened with them are closed before. */
export const openings = () =>
  openingsOf((directory, options: Partial<ProcessHypervisorOptions>) =>
    openProcessHypervisor({ commandOf: () => null, ...options, directory }),
  );
