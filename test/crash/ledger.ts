/**
 * What must be true of the writes to the store, and of the runs that they allowed: G1, G2, G3 and G8, asked of one
 * committed write or one run after the other.
 */
import type { RestartStatus } from '../../src/status.js';
import type { Written } from './audit.js';
import type { Mark } from './marks.js';

/** What people have asked one host for, so far; each may have been carried out, or not, or not yet. */
export interface Requested {
  /** What may start a run. */
  readonly starts: number;
  /** Those of which people were told that nobody knows whether they are recorded: no start was made for them. */
  readonly startsInTheDark: number;
  /** Writes that may put an instance under supervision that was not: one of a start, two of a creation. */
  readonly openings: number;
  /** Writes that may end a failure window: those, and one of a new policy. */
  readonly resets: number;
}

export interface Violation {
  /** G number, adapter rule, or what else was promised. */
  readonly of: string;
  readonly id: string;
  readonly what: string;
}

export interface Ledger {
  /** `requested`: of the host that made the write. */
  readonly write: (written: Written, requested: Requested) => ReadonlyArray<Violation>;
  /** `requested`: of the host that began the run. */
  readonly run: (mark: Mark, requested: Requested) => ReadonlyArray<Violation>;
  /**
   * What the host was asked for and did not do is not done any more. To be called when all its writes were passed in.
   */
  readonly hostDied: () => void;
  /** How many runs a host began because people asked for them. */
  readonly runsByPeople: (id: string, host: number) => number;
  /** The last write of the instance; null: none yet. */
  readonly last: (id: string) => Written | null;
  readonly figures: () => Figures;
}

export interface Figures {
  readonly writes: number;
  readonly attempts: number;
  readonly automaticRuns: number;
  readonly runsByPeople: number;
}

interface Account {
  last: Written | null;
  /** Attempts since the last event that ended a failure window. */
  attemptsInWindow: number;
  /** How often it came under supervision, from none or from stopped by a person, by the present host. */
  timesOpened: number;
  /** How often the present host ended a failure window that no run can have ended by being stable. */
  windowsEnded: number;
  /** By host: a run may be read after its host's death. */
  readonly runsByPeople: Map<number, number>;
  /** What a start under the write's permit is: counted, a person's, or not allowed. */
  readonly allows: Map<number, 'attempt' | 'start' | 'nothing'>;
  readonly started: Set<number>;
}

/** No automatic attempt may follow: there is no record, or a person stopped it. */
export const isHeld = (written: Written | null): boolean =>
  written === null || written.record === null || written.record.status.blockedReason === 'manual_stop';

export const createLedger = (): Ledger => {
  const accounts = new Map<string, Account>();
  let writes = 0;
  let attempts = 0;
  let automaticRuns = 0;
  let runsByPeople = 0;

  const accountOf = (id: string): Account => {
    const known = accounts.get(id);
    if (known !== undefined) return known;
    const account: Account = {
      last: null,
      attemptsInWindow: 0,
      timesOpened: 0,
      windowsEnded: 0,
      runsByPeople: new Map(),
      allows: new Map(),
      started: new Set(),
    };
    accounts.set(id, account);
    return account;
  };

  const write = (written: Written, requested: Requested): ReadonlyArray<Violation> => {
    const { id, revision, record } = written;
    const account = accountOf(id);
    const found: Array<Violation> = [];
    const violation = (of: string, what: string): void => {
      found.push({ of, id, what: `${what}: ${describe(account.last)} -> ${describe(written)}` });
    };
    const before = account.last?.record?.status ?? null;
    const isAttempt = record !== null && isNewAttempt(before, record.status);
    writes++;

    if (isHeld(account.last) && !isHeld(written)) {
      account.timesOpened++;
      if (account.timesOpened > requested.openings) violation('G1', 'supervised again, and nobody started it');
    }
    if (record !== null && isAttempt) {
      const { policy, status } = record;
      attempts++;
      if (isHeld(account.last)) violation('G1', 'an attempt, though a person stopped it');
      const continues = before === null || status.attempts !== 1 || before.attempts === 0;
      if (!continues && !mayHaveBeenStable(before, written)) violation('G2', 'a new window that nothing began');
      account.attemptsInWindow = continues ? account.attemptsInWindow + 1 : 1;
      if (status.attempts !== account.attemptsInWindow) {
        violation('G8', `attempt ${account.attemptsInWindow} of its window is counted wrong`);
      }
      if (policy.maxAttempts > 0 && account.attemptsInWindow > policy.maxAttempts) violation('G2', 'beyond the limit');
      const due = Math.max((before?.lastAttemptAt ?? -Infinity) + policy.backoff, before?.nextAttemptAt ?? -Infinity);
      if (status.lastAttemptAt !== null && status.lastAttemptAt < due) violation('G3', 'less than one backoff apart');
    } else if (record === null || record.status.attempts === 0) {
      const endedByCommand = before !== null && before.attempts > 0 && !mayHaveBeenStable(before, written);
      if (endedByCommand && !isHeld(written)) account.windowsEnded++;
      if (account.windowsEnded > requested.resets) violation('G2', 'a window ended, and nothing ended it');
      account.attemptsInWindow = 0;
    }

    account.allows.set(revision, allowedBy(written, isAttempt));
    account.last = written;
    return found;
  };

  const run = (mark: Mark, requested: Requested): ReadonlyArray<Violation> => {
    const { id, revision } = mark;
    const account = accountOf(id);
    const found: Array<Violation> = [];
    const violation = (what: string): void => {
      found.push({ of: 'G8', id, what: `${what} (revision ${revision}, host ${mark.life})` });
    };
    const allowed = account.allows.get(revision);
    if (account.started.has(revision)) violation('two runs of one write');
    account.started.add(revision);
    switch (allowed) {
      case 'attempt':
        automaticRuns++;
        break;
      case 'start': {
        const count = (account.runsByPeople.get(mark.life) ?? 0) + 1;
        account.runsByPeople.set(mark.life, count);
        runsByPeople++;
        if (count > requested.starts - requested.startsInTheDark) {
          violation('a run that was neither counted nor asked for');
        }
        break;
      }
      case 'nothing':
        violation('a run under a write that allows none');
        break;
      case undefined:
        violation('a run before the write that allows it');
    }
    return found;
  };

  return {
    write,
    run,
    hostDied: () => {
      for (const account of accounts.values()) {
        account.timesOpened = 0;
        account.windowsEnded = 0;
      }
    },
    runsByPeople: (id, host) => accounts.get(id)?.runsByPeople.get(host) ?? 0,
    last: (id) => accounts.get(id)?.last ?? null,
    figures: () => ({ writes, attempts, automaticRuns, runsByPeople }),
  };
};

export const isNewAttempt = (before: RestartStatus | null, after: RestartStatus): boolean =>
  after.attempts > (before?.attempts ?? 0) || (after.lastAttemptAt ?? -Infinity) > (before?.lastAttemptAt ?? Infinity);

/** Between the last attempt and this write there is room for a run as long as the policy asks. */
const mayHaveBeenStable = (before: RestartStatus, { at, record }: Written): boolean =>
  record !== null && before.lastAttemptAt !== null && at - before.lastAttemptAt >= record.policy.stableAfter;

const allowedBy = (written: Written, isAttempt: boolean): 'attempt' | 'start' | 'nothing' => {
  if (isAttempt) return 'attempt';
  return written.record !== null && written.record.status.blockedReason === null && written.record.status.attempts === 0
    ? 'start'
    : 'nothing';
};

const describe = (written: Written | null): string =>
  written === null ? 'nothing' : `revision ${written.revision} ${JSON.stringify(written.record?.status ?? 'removed')}`;
