/**
 * What happened to an instance: its runs, and the decisions worth telling. A history is told by a controller's listeners, and
 * asked by people; no decision waits for it, and none is made by it. In memory here; `restart-policy/adapters/sqlite` and
 * `restart-policy/adapters/postgres` keep one in a table of its own.
 *
 * @packageDocumentation
 */
export { createMemoryHistory, type MemoryHistoryOptions } from './history/memory.js';
export { explainEntry } from './history/prose.js';
export { type HistoryRecorder, recordHistory } from './history/recorder.js';
export type { InvalidOptions, OptionError } from './options.js';
export {
  type History,
  type HistoryCommand,
  type HistoryCursor,
  type HistoryEntry,
  type HistoryFailed,
  type HistoryFault,
  type HistoryPage,
  type HistoryPageOptions,
  type HistorySpan,
  type HistoryState,
  type HistoryTag,
  historyCommands,
  historyFailed,
  historyTags,
  type InstanceActivity,
  type RunEnder,
  runEnders,
  type Trouble,
  troubles,
} from './ports/history.js';
