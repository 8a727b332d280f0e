/**
 * The mutants that survive, and why they may: `npm run mutate` fails on any other. Most of them change nothing that can
 * be seen from outside.
 *
 * @typedef {object} Survivor
 * @property {string} file
 * @property {string} within the innermost declaration that it is in, named as in scripts/anchors.mjs
 * @property {string} from what it replaces; here and below, white space and comments do not count
 * @property {string} to
 * @property {number} times how many there are of it in the declaration
 * @property {string} why
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { countIn, parse } from '../anchors.mjs';

/** @typedef {readonly [from: string, to: string, times?: number]} Mutation */

/**
 * @type {(
 *   file: string,
 *   why: string,
 *   ...places: ReadonlyArray<readonly [within: string, ...mutations: ReadonlyArray<Mutation>]>
 * ) => ReadonlyArray<Survivor>}
 */
const inFile = (file, why, ...places) =>
  places.flatMap(([within, ...mutations]) =>
    mutations.map(([from, to, times = 1]) => ({ file, within, from, to, times, why })),
  );

const stringMutant = '"Stryker was here!"';

const ofDuration = [
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

const ofDecide = [
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

const ofTheCodecs = [
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

const ofTheOptions = [
  inFile('src/options.ts', 'nothing is as false as `false`', ['port', ['() => false', '() => undefined']]),
];

const comparedByName = 'one of two names is compared with, and the other is whatever is not that';
const forTheCompiler = 'asked for the compiler: the one is never null without the other';

const heap = 'src/controller/heap.ts';

const ofTheHeap = [
  inFile(heap, 'no two serials are equal, and what compares as equal was asked before', [
    'createHeap.before',
    ['a.serial < b.serial', 'a.serial <= b.serial'],
    ['order < 0', 'order <= 0'],
  ]),
  inFile(
    heap,
    'asked for the compiler, or for the sake of speed: what is above the root, or taken from an empty heap, is undefined',
    ['createHeap.rise', ['place > 0', 'place >= 0'], ['parent === undefined', 'false']],
    ['createHeap.sink', ['left !== undefined', 'true']],
    ['createHeap.takeOut', ['last === undefined', 'false']],
    [
      'createHeap.settle',
      ['place > 0 && parent !== undefined', 'place > 0 || parent !== undefined'],
      ['place > 0', 'true'],
      ['place > 0', 'place >= 0'],
      ['parent !== undefined', 'true'],
    ],
  ),
];

const ofTheController = [
  inFile(
    'src/controller.ts',
    'what a port that threw has instead of a function to cancel throws, and that is swallowed',
    ['begin.begin', ['isRight(subscribed)', 'true']],
  ),
  inFile('src/controller.ts', 'one reconciliation more, which finds nothing to do', [
    'reportHealth',
    ['isNew', 'true'],
  ]),
  inFile(
    'src/controller/commands/stop.ts',
    'a stop that was overtaken is put back by compare-and-set, which the later command makes fail: the answer is the same',
    ['stopBy', ["case 'Superseded': return left(stopped.left);", "case 'Superseded':"], ["'Superseded'", '""']],
  ),
  inFile(
    'src/controller/commands/stop.ts',
    'a permit of no revision holds for nothing, so no run is given a tag by it',
    ['answerRefused', ['undone.right === null', 'false']],
  ),
  inFile('src/controller/commands/stop.ts', 'asked for the compiler: an error has no answer to compare', [
    'answerRefused',
    ["tagged._tag === 'Right'", 'true'],
  ]),
  inFile('src/controller/commands/undo.ts', comparedByName, ['undoOnce', ["'supervised'", '""']]),
  inFile('src/controller/commit.ts', comparedByName, ['commitCommand', ["'every command'", '""']]),
  inFile(
    'src/controller/commit.ts',
    'asked for the compiler: what was decided on without a record never stays as it was',
    ['persist', ['revision !== null', 'true']],
  ),
  inFile('src/controller/health.ts', 'no two tickets are equal', [
    'keep',
    ['former.ticket >= ticket', 'former.ticket > ticket'],
  ]),
  inFile(
    'src/controller/lanes.ts',
    'whoever comes to its turn without a reason is passed over: what is saved is memory',
    ['passOn', ['lane.wanted', 'true']],
    ['createQueue', ['[]', '["Stryker was here"]', 2]],
  ),
  inFile('src/controller/permits.ts', forTheCompiler, [
    'attemptPermit',
    ['lease === null', 'false'],
    ['leases === null', 'false'],
    ['lease === null || leases === null', 'lease === null && leases === null'],
  ]),
  inFile('src/controller/permits.ts', 'what was saved at that revision had no block; it is asked all the same', [
    'startPermit',
    ['!isStopped(record)', 'true'],
  ]),
  inFile('src/controller/permits.ts', 'what was saved at that revision had no block; it is asked all the same', [
    'attemptPermit',
    ['record.value.status.blockedReason === null', 'true'],
  ]),
  inFile(
    'src/controller/guarded-ports.ts',
    'of the answers to it only `gone` is looked for, and a hypervisor without the call that throws has not said so',
    ['unfenced', ["'unfenced'", '""']],
  ),
];

const ofTheDescriptions = [
  inFile('src/words.ts', 'the groups of the expression always match: the values in their place are for the compiler', [
    'inWords',
    ["''", stringMutant, 2],
  ]),
  inFile('src/words.ts', 'seconds come last and once', ['asWritten', ['/m0s$/', '/m0s/']]),
  inFile('src/words.ts', 'what is joined is one text or none', ['listed', ["''", stringMutant]]),
];

/** @type {ReadonlyArray<Survivor>} */
export const survivors = [
  ofDuration,
  ofDecide,
  ofTheCodecs,
  ofTheDescriptions,
  ofTheOptions,
  ofTheHeap,
  ofTheController,
].flat(2);

/**
 * Those that have lost their place, in a sentence each.
 *
 * @type {(root: string) => ReadonlyArray<string>}
 */
export const lostSurvivors = (root) =>
  survivors.flatMap(({ file, within, from, times }) => {
    try {
      const found = countIn(parse(file, readFileSync(join(root, file), 'utf8')), within, from);
      return found >= times ? [] : [`${file}: ${within} has this ${found} times, not ${times}: ${from}`];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  });
