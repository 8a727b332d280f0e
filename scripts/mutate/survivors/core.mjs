import { inFile, stringMutant } from './in-file.mjs';

export const ofDuration = [
  inFile(
    'src/duration.ts',
    'the groups of the expression always match: the values in their place are for the compiler',
    ['readDuration', ["''", stringMutant, 3]],
  ),
  inFile('src/duration.ts', 'saves time with a text of many digits: the result is the same', [
    'wholeNumber',
    ["digits.replace(/^0+/, '').slice(0, 20)", "digits.replace(/^0+/, '')"],
  ]),
  inFile('src/duration.ts', 'whether 2^63 itself is gone on with: no unit makes a difference of it', [
    'fractionOf',
    ['next > overflow', 'next >= overflow'],
  ]),
  inFile('src/duration.ts', 'a zero has no nanoseconds, which is asked as well', [
    'formatDuration',
    ['ms < 0', 'ms <= 0'],
  ]),
];

export const ofDecide = [
  inFile('src/decide.ts', 'null is compared first for the sake of speed: it is no blocked reason', [
    'saidByPerson',
    ['blockedReason === null', 'false'],
  ]),
  inFile(
    'src/decide.ts',
    'where it asks in vain whether there is anything to repair, nothing is repaired: it only saves time',
    [
      'repairClock',
      [
        'isAhead(status.lastAttemptAt, now) || (status.nextAttemptAt !== null && status.nextAttemptAt > (isBlocked(status) ? now : now + policy.backoff)) || status.recentAttempts !== undefined',
        'true',
      ],
      [
        'status.nextAttemptAt !== null && status.nextAttemptAt > (isBlocked(status) ? now : now + policy.backoff)',
        'status.nextAttemptAt !== null || status.nextAttemptAt > (isBlocked(status) ? now : now + policy.backoff)',
      ],
      ['status.nextAttemptAt !== null', 'true'],
      ['status.nextAttemptAt > (isBlocked(status) ? now : now + policy.backoff)', 'true'],
      [
        'status.nextAttemptAt > (isBlocked(status) ? now : now + policy.backoff)',
        'status.nextAttemptAt >= (isBlocked(status) ? now : now + policy.backoff)',
      ],
    ],
  ),
  inFile('src/decide.ts', 'of two that are equal it is the same which is taken', [
    'storable',
    ['at > latestTimestamp', 'at >= latestTimestamp'],
  ]),
  inFile('src/decide.ts', 'what is undefined is no moment either, as one that never comes', [
    'whenNext',
    ['default: return never;', 'default:'],
  ]),
  inFile('src/decide.ts', 'a text is later than no moment', ['recentAttempts', ['[]', '["Stryker was here"]']]),
  inFile('src/decide.ts', 'no valid status has recent attempts and counts none', [
    'endWindow',
    ['status.recentAttempts !== undefined', 'false'],
  ]),
  inFile('src/waits.ts', 'a wait that does not grow is computed as one that may: it only saves time', [
    'waitAfterAttempt',
    ['policy.maxBackoff === undefined && policy.jitter === undefined', 'false'],
  ]),
];
