/**
 * What a simulated instance met with from outside: the runs that its workload answered, and what the limits of a fleet's starts let
 * it do. All else follows from what was given, so that whoever asks for the entries of a timeline can be given them by going
 * through it again (replay.ts), and a decision leaves some ten bytes behind where the objects of an entry are some 200.
 */
import { endCauses } from '../event.js';
import type { Timestamp } from '../status.js';
import type { Gate } from './gate.js';
import type { LastRun } from './last-run.js';
import type { Run, Workload } from './workload.js';

/** A look because there is room for an attempt that had waited. */
export interface Call {
  readonly at: Timestamp;
  /** How many decisions there were before it. */
  readonly after: number;
}

// Of a row of numbers the first says what else there is of the run, its cause and these, and how often it came again after it.
const causes = 8;
const boots = 8;
const turnsUnhealthy = 16;
const startFails = 32;
const once = 64;

const longestRow = 5;
const firstPage = 32;
const largestPage = 1_024;

export class Recording {
  readonly calls: Array<Call> = [];
  /** Whether attempts were admitted, one after another. */
  readonly answers: Array<boolean> = [];

  /** Of the runs. */
  readonly #pages: Array<Float64Array> = [];
  #page = new Float64Array(firstPage);
  #used = 0;
  /** Where the last row begins. */
  #last = 0;

  addRun(run: LastRun): void {
    if (run.isRepeated) {
      (this.#page[this.#last] as number) += once;
      return;
    }
    if (this.#used + longestRow > this.#page.length) this.#turnPage();
    const page = this.#page;
    const first = this.#used;
    const { bootsFor, runsFor, exitCode, cause, unhealthyAfter } = run;
    let what = cause === undefined ? 0 : 1 + endCauses.indexOf(cause);
    page[first + 1] = runsFor ?? Number.NaN;
    page[first + 2] = exitCode ?? Number.NaN;
    let used = first + 3;
    if (bootsFor !== undefined) {
      what += boots;
      page[used++] = bootsFor;
    }
    if (unhealthyAfter !== undefined) {
      what += turnsUnhealthy;
      page[used++] = unhealthyAfter;
    }
    page[first] = run.startFails === true ? what + startFails : what;
    this.#last = first;
    this.#used = used;
  }

  /** Lets go of room that is left. Nothing is added after it. */
  close(): void {
    this.#page = this.#page.slice(0, this.#used);
  }

  /** The same runs again, and the same answers. */
  workload(): Workload {
    const pages = [...this.#pages, this.#page];
    let page = 0;
    let place = 0;
    let run: Run = { runsFor: null };
    let timesLeft = 0;
    const next = (): number => pages[page]?.[place++] ?? Number.NaN;
    return () => {
      if (timesLeft > 0) {
        timesLeft--;
        return run;
      }
      if (place + longestRow > (pages[page] as Float64Array).length && page < this.#pages.length) {
        page++;
        place = 0;
      }
      const what = next();
      const [runsFor, exitCode] = [next(), next()];
      timesLeft = Math.floor(what / once);
      run = {
        runsFor: orNull(runsFor),
        exitCode: orNull(exitCode),
        cause: what % causes === 0 ? undefined : endCauses[(what % causes) - 1],
        bootsFor: (what & boots) === 0 ? undefined : next(),
        unhealthyAfter: (what & turnsUnhealthy) === 0 ? undefined : next(),
        startFails: (what & startFails) !== 0,
      };
      return run;
    };
  }

  gate(): Gate {
    let asked = 0;
    return { ask: () => this.answers[asked++] === true, begin: nothing, see: nothing, withdraw: nothing };
  }

  #turnPage(): void {
    this.#pages.push(this.#page);
    this.#page = new Float64Array(Math.min(2 * this.#page.length, largestPage));
    this.#used = 0;
  }
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

const nothing = (): void => {};
