/**
 * What a log itself says, and for how long it says anything of a simulation that replays it.
 */
import type { Millis } from '../../duration.js';
import { shareText, spanText } from '../../span-text.js';
import { countOfRuns, type RunLog } from '../input/log.js';
import type { Scenario } from '../scenario.js';
import { type Simulated, startsIn } from '../simulated.js';

/** One sentence: how it really was. */
export const loggedText = ({ name, runs, span }: RunLog): string => {
  const up = runs.reduce((sum, { startedAt, stoppedAt }) => sum + ((stoppedAt ?? startedAt) - startedAt), 0);
  const outages = runs
    .slice(1)
    .map(({ startedAt }, index): Millis => startedAt - (runs[index]?.stoppedAt ?? startedAt));
  const longest = outages.reduce((a, b) => Math.max(a, b), 0);
  return `What really happened, by ${name}: ${countOfRuns(runs)}, up ${shareText(up / span)} of ${spanText(span)}, longest outage ${spanText(longest)}.`;
};

/** null: the log has a run for each start. Else since when it has none, and what was taken for granted. */
export const usedUpText = (
  { log, fleet }: Scenario,
  isRepeated: boolean,
  all: ReadonlyArray<Simulated>,
): string | null => {
  if (log === null || fleet !== null || isRepeated) return null;
  const moments = all.flatMap((one) => {
    if (one._tag === 'Fleet') return [];
    const after = startsIn(one.timeline)[log.runs.length];
    const when = after === undefined ? null : spanText(after - (one.timeline.entries[0]?.at ?? 0));
    return when === null ? [] : [`${when}${all.length === 1 ? '' : ` (${one.given.name})`}`];
  });
  return moments.length === 0
    ? null
    : `The log is used up after ${moments.join(', ')}, for restarts come sooner than they did then; from there on the ` +
        'instance is taken to run. --repeat begins the log again.';
};
