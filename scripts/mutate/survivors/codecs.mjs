import { inFile, stringMutant } from './in-file.mjs';

export const ofTheCodecs = [
  inFile(
    'src/wire/fields.ts',
    'asked for the compiler: each step has a name, the whole has a scope, and what is no step of an object is one of an array',
    [
      'onWire',
      ["''", stringMutant],
      ["scopes.get('')?.names", "scopes.get('').names"],
      ['places.at(-1)?.actual', 'places.at(-1).actual'],
    ],
  ),
  inFile(
    'src/wire/fields.ts',
    'asked for the compiler: what is read is an object, so that nothing is told of the whole, and what has a step has a scope',
    ['onWire', ['place === undefined', 'false'], ['scope?.names', 'scope.names']],
  ),
  inFile('src/quote.ts', 'nothing is as false as `false`', ['isArray', ['{ return false; }', '{}']]),
  inFile('src/wire/status-wire.ts', 'the guard says nothing of what it finds', [
    'readHeld',
    ["'must be a timestamp'", '""'],
  ]),
  inFile(
    'src/wire/status-wire.ts',
    'how the whole is called where something is wrong with it: what is read is an object, so that nothing ever is',
    ['readStatusFields', ["'status'", '""']],
    ['readHeld', ["'status'", '""']],
    ['readText', ["'status'", '""']],
  ),
  inFile(
    'src/wire/status-wire.ts',
    'nothing can be loaded with it, so that no test runs: Stryker takes that for no failure',
    [
      'fieldsWith',
      [
        "(timeOf: (rounding: Rounding) => Reader): Readers<RestartStatus> => ({ attempts: readCount, lastAttemptAt: timeOf('down'), nextAttemptAt: timeOf('up'), blockedReason: oneOf(blockedReasons), lastReason: oneOf(lastReasons), recentAttempts: recent(listOf(mostRecentAttempts, 'times', timeOf('down'))) })",
        '() => undefined',
      ],
    ],
  ),
  inFile('src/policy.ts', 'only the script for other languages reads so, and its tests run what is built', [
    'readTexts',
    ["'mode'", '""'],
  ]),
  inFile(
    'src/reading.ts',
    'all fields are required in the script for other languages alone, and its tests run what is built',
    ['objectOf', ['required !== true', 'true'], ['true', 'false']],
  ),
  inFile('src/wire/status-wire.ts', 'the field of null that is read next throws, which is as good as a no', [
    'isStatus',
    ['u === null', 'false'],
  ]),
  inFile(
    'src/wire/status-wire.ts',
    'up is whatever is not down',
    ['fieldsWith', ["'up'", '""']],
    ['writeStatus', ["'up'", '""']],
  ),
  inFile('src/time.ts', 'no whole number is anything else: asked for the compiler', [
    'isTimestamp',
    ["typeof u === 'number'", 'true'],
  ]),
  inFile('src/time.ts', 'an ISO text has one Z, its last letter', ['textOf', ['/\\.?0+Z$/', '/\\.?0+Z/']]),
  inFile(
    'src/time.ts',
    'an empty text, or any other, counts as the zero it stands for; and what did not match is no date either',
    ['parseTime', ["''", stringMutant, 3], ['[]', '["Stryker was here"]'], ["local === ''", 'false']],
  ),
  inFile('src/time.ts', 'a whole second is never the last millisecond of its second', [
    'parseTime',
    ['second > latest', 'second >= latest'],
  ]),
];

export const ofTheOptions = [
  inFile('src/options.ts', 'nothing is as false as `false`', ['port', ['() => false', '() => undefined']]),
];
