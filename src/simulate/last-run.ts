/**
 * What a workload answered last. It may be anybody's function, so its answer is read once, and checked.
 */
import { endCauses } from '../event.js';
import { describeValue } from '../quote.js';
import { textOfThrown } from '../thrown.js';
import { isOneOf } from '../validation.js';
import type { Random } from './random.js';
import type { Run, Workload } from './workload.js';

/**
 * The run of the last start. One object for all the runs of an instance: a new one for each is garbage soon, and to make it takes
 * as long as half a decision. A copy, for the workload may answer with the same object each time, and change it, also while
 * another instance of a fleet runs by it.
 */
export class LastRun implements Run {
  bootsFor: Run['bootsFor'];
  runsFor: Run['runsFor'] = null;
  exitCode: Run['exitCode'];
  cause: Run['cause'];
  unhealthyAfter: Run['unhealthyAfter'];
  startFails: Run['startFails'];
  /** It is as the one before it. */
  isRepeated = false;

  /** Asks for the run of that number. A text: what is wrong with the answer, and there is none to go on with. */
  next(workload: Workload, run: number, random: Random): string | null {
    let answered: Run;
    let isOne: boolean;
    try {
      answered = workload(run, random);
      isOne = typeof answered === 'object' && answered !== null;
      if (isOne) this.#read(answered, run === 1);
    } catch (cause) {
      return `workload(${run}) threw: ${textOfThrown(cause)}`;
    }
    if (!isOne) return `workload(${run}) must be a run, not ${describeValue(answered)}`;
    // What is as before was found right before.
    const wrong = this.isRepeated ? null : whatIsWrong(this);
    return wrong === null ? null : `workload(${run})${wrong}`;
  }

  #read({ bootsFor, runsFor, exitCode, cause, unhealthyAfter, startFails }: Run, isFirst: boolean): void {
    this.isRepeated =
      !isFirst &&
      runsFor === this.runsFor &&
      exitCode === this.exitCode &&
      cause === this.cause &&
      bootsFor === this.bootsFor &&
      unhealthyAfter === this.unhealthyAfter &&
      startFails === this.startFails;
    if (this.isRepeated) return;
    this.bootsFor = bootsFor;
    this.runsFor = runsFor;
    this.exitCode = exitCode;
    this.cause = cause;
    this.unhealthyAfter = unhealthyAfter;
    this.startFails = startFails;
  }
}

const isSpan = (u: unknown): boolean => typeof u === 'number' && u >= 0 && u < Number.POSITIVE_INFINITY;

const isSpanOrNull = (u: unknown): boolean => u === null || isSpan(u);

const isSpanOrAbsent = (u: unknown): boolean => u === undefined || isSpan(u);

const isBoot = (u: unknown): boolean => isSpanOrAbsent(u) || u === Number.POSITIVE_INFINITY;

const isExitCode = (u: unknown): boolean => u === undefined || u === null || Number.isSafeInteger(u);

const isCause = (u: unknown): boolean => u === undefined || isOneOf(endCauses, u);

const isFlag = (u: unknown): boolean => u === undefined || typeof u === 'boolean';

/** The first thing that is wrong: a message that follows the name of the run. null: nothing is. */
const whatIsWrong = ({ bootsFor, runsFor, exitCode, cause, unhealthyAfter, startFails }: Run): string | null => {
  if (!isSpanOrNull(runsFor)) return `.runsFor must be null or a number of milliseconds from 0, ${instead(runsFor)}`;
  if (!isBoot(bootsFor)) return `.bootsFor must be a number of milliseconds from 0, or Infinity, ${instead(bootsFor)}`;
  if (!isExitCode(exitCode)) return `.exitCode must be null or a whole number, ${instead(exitCode)}`;
  if (!isCause(cause)) return `.cause must be one of ${endCauses.join(', ')}, ${instead(cause)}`;
  if (!isSpanOrAbsent(unhealthyAfter)) {
    return `.unhealthyAfter must be a number of milliseconds from 0, ${instead(unhealthyAfter)}`;
  }
  return isFlag(startFails) ? null : `.startFails must be true or false, ${instead(startFails)}`;
};

const instead = (u: unknown): string => (u === undefined ? 'but it is missing' : `not ${describeValue(u)}`);
