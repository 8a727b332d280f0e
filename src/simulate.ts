/**
 * What would this policy do? A discrete-event simulation by the decision itself, no model of it: of one instance or of a fleet,
 * with people in between, over a workload of any kind or a log of what really happened; and pictures of what came of it.
 *
 * @packageDocumentation
 */
export type { InvalidOptions, OptionError } from './options.js';
export { type DrawOptions, drawTimeline } from './simulate/draw.js';
export { type FleetSummary, type FleetTimeline, simulateFleet } from './simulate/fleet.js';
export { type LoggedRun, runsOf } from './simulate/log.js';
export { simulate } from './simulate/one.js';
export type { FleetOptions, FleetStarts, SimulationOptions } from './simulate/options.js';
export { type PrintOptions, printTimeline } from './simulate/print.js';
export type { Summary, Timeline, TimelineEntry } from './simulate/timeline.js';
export type { PersonAct } from './simulate/words.js';
export { crashLoop, fixedRuns, type Run, randomFailures, type Workload } from './simulate/workload.js';
