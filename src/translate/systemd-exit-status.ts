/**
 * What `SuccessExitStatus=`, `RestartPreventExitStatus=` and `RestartForceExitStatus=` list: exit codes, names of exit
 * codes, and signals.
 */
import { nearest } from '../nearest.js';
import { quoteShort } from '../quote.js';

/** Codes in ascending order, signals as they were written. */
export interface ExitStatuses {
  readonly codes: ReadonlyArray<number>;
  readonly signals: ReadonlyArray<string>;
}

/** The names that `systemd-analyze exit-status` lists. The numbers that are left out have none. */
const nameRanges: ReadonlyArray<readonly [number, string]> = [
  [0, 'SUCCESS FAILURE INVALIDARGUMENT NOTIMPLEMENTED NOPERMISSION NOTINSTALLED NOTCONFIGURED NOTRUNNING'],
  [
    64,
    'USAGE DATAERR NOINPUT NOUSER NOHOST UNAVAILABLE SOFTWARE OSERR OSFILE CANTCREAT IOERR TEMPFAIL PROTOCOL NOPERM CONFIG',
  ],
  [
    200,
    'CHDIR NICE FDS EXEC MEMORY LIMITS OOM_ADJUST SIGNAL_MASK STDIN STDOUT CHROOT IOPRIO TIMERSLACK SECUREBITS SETSCHEDULER CPUAFFINITY GROUP USER CAPABILITIES CGROUP SETSID CONFIRM STDERR',
  ],
  [
    224,
    'PAM NETWORK NAMESPACE NO_NEW_PRIVILEGES SECCOMP SELINUX_CONTEXT PERSONALITY APPARMOR ADDRESS_FAMILIES RUNTIME_DIRECTORY',
  ],
  [
    235,
    'CHOWN SMACK_PROCESS_LABEL KEYRING STATE_DIRECTORY CACHE_DIRECTORY LOGS_DIRECTORY CONFIGURATION_DIRECTORY NUMA_POLICY CREDENTIALS BPF',
  ],
  [255, 'EXCEPTION'],
];

// Made within functions that are called once: so a bundle without systemd has none of it.
const codeNames = /* @__PURE__ */ ((): ReadonlyMap<string, number> =>
  new Map(
    nameRanges.flatMap(([first, names]) => names.split(' ').map((name, at): [string, number] => [name, first + at])),
  ))();

const signalNames = /* @__PURE__ */ ((): ReadonlySet<string> =>
  new Set(
    (
      'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU ' +
      'XFSZ VTALRM PROF WINCH IO PWR SYS'
    ).split(' '),
  ))();

const isSignal = (word: string): boolean => {
  const name = word.replace(/^SIG/, '');
  return signalNames.has(name) || /^(RTMIN(\+\d{1,2})?|RTMAX(-\d{1,2})?)$/.test(name);
};

/** As systemd reads a number: also hexadecimal, octal and binary. null: it is none. */
export const parseUnsigned = (text: string): number | null => {
  const [, octal, other] = /^[ \t\n\r]*\+?(?:0([0-7]+)|(0x[0-9a-f]+|0b[01]+|0o[0-7]+|0|[1-9]\d*))$/i.exec(text) ?? [];
  if (octal !== undefined) return Number.parseInt(octal, 8);
  return other === undefined ? null : Number(other);
};

/** All lists of one key, the last reset heeded. `tell` says what is wrong with a word. */
export const readStatuses = (
  lists: ReadonlyArray<string>,
  tell: (word: string, message: string) => void,
): ExitStatuses => {
  const reset = lists.map((list) => list.trim()).lastIndexOf('');
  const codes = new Set<number>();
  const signals = new Set<string>();
  for (const word of lists.slice(reset + 1).flatMap((list) => list.split(/[ \t\n\r]+/))) {
    if (word === '') continue;
    const code = codeNames.get(word) ?? parseUnsigned(word);
    if (code !== null && code <= 255) codes.add(code);
    else if (isSignal(word)) signals.add(word.startsWith('SIG') ? word : `SIG${word}`);
    else
      tell(
        word,
        `must list exit codes from 0 to 255, their names, or signals, not ${quoteShort(word)}${hintFor(word)}`,
      );
  }
  return { codes: [...codes].sort((a, b) => a - b), signals: [...signals] };
};

const hintFor = (word: string): string => {
  const bare = word.toUpperCase().replace(/^EX(IT)?_/, '');
  if (codeNames.has(bare)) return `; did you mean ${bare}?`;
  if (isSignal(bare)) return `; did you mean ${bare}?`;
  const found = /^[A-Z_]{4,}$/.test(bare)
    ? nearest(bare, [...codeNames.keys(), ...[...signalNames].map((name) => `SIG${name}`)])
    : null;
  return found === null ? '' : `; did you mean ${found}?`;
};

/** Codes as a rule lists them: three or more in a row are a range. */
export const toExitCodes = (codes: ReadonlyArray<number>): ReadonlyArray<number | readonly [number, number]> => {
  const runs: Array<[number, number]> = [];
  for (const code of codes) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === code - 1) last[1] = code;
    else runs.push([code, code]);
  }
  return runs.flatMap(([low, high]): ReadonlyArray<number | readonly [number, number]> => {
    if (high - low >= 2) return [[low, high]];
    return low === high ? [low] : [low, high];
  });
};
