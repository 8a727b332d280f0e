import { inFile } from './in-file.mjs';

const comparedByName = 'one of two names is compared with, and the other is whatever is not that';
const forTheCompiler = 'asked for the compiler: the one is never null without the other';

const heap = 'src/controller/heap.ts';

export const ofTheHeap = [
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

export const ofTheController = [
  inFile(
    'src/controller.ts',
    'what a port that threw has instead of a function to cancel throws, and that is swallowed',
    ['begin.begin', ['isRight(subscribed)', 'true']],
  ),
  inFile(
    'src/controller.ts',
    'of a port that is subscribed to there is no error to tell: what is told of none is swallowed',
    ['begin', ['subscriptions.filter(isLeft)', 'subscriptions']],
  ),
  inFile('src/controller.ts', 'asked for the compiler: only who admits arms that wake-up', [
    'begin',
    ['admission?.wake', 'admission.wake'],
  ]),
  inFile('src/controller.ts', 'one reconciliation more, which finds nothing to do', [
    'reportHealth',
    ['isNew', 'true'],
  ]),
  inFile(
    'src/controller/calls.ts',
    'asked for the compiler: a call that was given up has a time of that, and is among the unanswered ones until it ends',
    ['createCalls.end', ['others?.delete', 'others.delete'], ['others?.size', 'others.size']],
    ['createCalls.remind', ['givenUpAt === null', 'false']],
  ),
  inFile('src/controller/calls.ts', 'no call is a stop or a start where there is none: what is saved is time', [
    'createCalls.unansweredAction',
    ['calls.length === 0', 'false'],
  ]),
  inFile(
    'src/controller/admission.ts',
    "a person's start only takes room, so nobody more is called; at most a wake-up is called off that would find no room",
    ['begin', ['waited', 'true']],
  ),
  inFile('src/controller/admission.ts', 'a closing has forgotten all who wait: nobody is called, and no timer is set', [
    'createAdmission.call',
    ['isClosed', 'false'],
  ]),
  inFile('src/controller/admission.ts', 'asked for the compiler: nothing is less than undefined, nor more', [
    'miss',
    ['missedIn !== undefined', 'true'],
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
  inFile('src/controller/commands/policy.ts', 'asked for the compiler: a policy that was handed in never equals null', [
    'updateUnread',
    ['found.policy !== null', 'true'],
  ]),
  inFile('src/controller/commands/start.ts', comparedByName, ['start', ["'person'", '""']]),
  inFile('src/controller/commands/undo.ts', comparedByName, ['undoOnce', ["'supervised'", '""']]),
  inFile(
    'src/controller/commit.ts',
    comparedByName,
    ['commitCommand', ["'every command'", '""']],
    ['commitOver', ["'every command'", '""']],
  ),
  inFile(
    'src/controller/commit.ts',
    'asked for the compiler: what was decided on without a record never stays as it was',
    ['persist', ['revision !== null', 'true']],
  ),
  inFile('src/controller/health.ts', 'no two tickets are equal', [
    'keep',
    ['former.ticket >= ticket', 'former.ticket > ticket'],
  ]),
  inFile('src/controller/health.ts', 'saves time: nothing is found among none either', [
    'createHealthReports.keptOf',
    ['kept.size === 0', 'false'],
  ]),
  inFile(
    'src/controller/lanes.ts',
    'whoever comes to its turn without a reason is passed over: what is saved is memory',
    ['passOn', ['lane.wanted', 'true']],
    ['createQueue', ['[]', '["Stryker was here"]', 2]],
  ),
  inFile(
    'src/controller/lanes.ts',
    'what has no count is never answered, and is gone at the first look at those who wait',
    ['createLanes', ['[]', '["Stryker was here"]']],
  ),
  inFile('src/controller/lanes.ts', 'to answer again whoever has been answered does nothing: what is saved is memory', [
    'answerFewer',
    ['onFewer.filter(({ count }) => waiting >= count)', 'onFewer'],
  ]),
  inFile('src/controller/lanes.ts', 'for the sake of speed: where nobody waits there is nobody to answer', [
    'answerFewer',
    ['onFewer.length === 0', 'false'],
  ]),
  inFile(
    'src/controller/lanes.ts',
    'asked for the compiler: a queue that is not empty has a first, and who looks afresh does so in its lane',
    ['pump', ['id === undefined', 'false']],
    ['lookAfresh', ['lane?.wanted', 'lane.wanted']],
  ),
  inFile('src/controller/permits.ts', 'asked for the compiler: the error of a store that failed has no status to ask', [
    'isMarkedUnread',
    ["error._tag === 'InvalidRecord'", 'true'],
  ]),
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
    'src/controller/passing-map.ts',
    'saves time and memory: what is held is the same whenever another Map is begun',
    [
      'createPassingMap.delete',
      ['++deleted < Math.max(few, map.size)', 'true'],
      ['++deleted < Math.max(few, map.size)', 'false'],
      ['++deleted < Math.max(few, map.size)', '++deleted <= Math.max(few, map.size)'],
      ['++deleted < Math.max(few, map.size)', '++deleted >= Math.max(few, map.size)'],
      ['++deleted', '--deleted'],
      ['Math.max(few, map.size)', 'Math.min(few, map.size)'],
    ],
  ),
  inFile(
    'src/controller/places.ts',
    'asked for the compiler: only where all places are taken does anybody wait for one, and there is at least one',
    ['createPlaces.wait', ['oldest === null', 'false']],
  ),
  inFile('src/controller/reconcile.ts', comparedByName, ['reconcile', ["'in_flight'", '""']]),
  inFile('src/controller/reconcile.ts', 'what is not initializing has left its place before, when it was seen', [
    'reconcile',
    ["instance.state === 'initializing'", 'true'],
  ]),
  inFile(
    'src/controller/reconcile.ts',
    'asked for the compiler: where no start waits for room, only what is held up comes here',
    ['commitAdmitted', ['admission === null', 'false']],
  ),
  inFile('src/controller/reconcile.ts', 'asked for the compiler: each of these faults is of one instance', [
    'giveUp',
    ['fault.id !== null', 'true'],
  ]),
  inFile('src/controller/reconcile.ts', 'asked for the compiler: what nobody stopped has a record', [
    'stopIfStopped',
    ["loaded.right._tag === 'Some'", 'true'],
  ]),
  inFile(
    'src/controller/guarded-ports.ts',
    'asked twice, and one of the two is enough: a hypervisor without the call tags nothing, and the refusal is answered',
    [
      'guardPorts.retag',
      ['hypervisor.retag === undefined', 'false'],
      [
        'hypervisor.retag?.(id, new SignalledPermit(permit, call))',
        'hypervisor.retag(id, new SignalledPermit(permit, call))',
      ],
    ],
  ),
  inFile('src/controller/closing.ts', comparedByName, ['closeQuietly', ["'closed'", '""']]),
  inFile('src/controller/list.ts', 'asked for the compiler: a page that more comes after is not empty', [
    'listPage',
    ['ofPage.at(-1)?.id', 'ofPage.at(-1).id'],
  ]),
  inFile(
    'src/controller/list.ts',
    'what is saved is time and memory: whatever else is kept comes behind the page in the order, and is cut off at the end',
    [
      'firstAfter',
      ['end !== null && byCodePoints(id, end) >= 0', 'false'],
      ['byCodePoints(id, end) >= 0', 'byCodePoints(id, end) > 0'],
      ['first.length < 2 * count', 'true'],
      ['first.length < 2 * count', 'first.length <= 2 * count'],
    ],
  ),
  inFile('src/controller/list.ts', 'a page of too many is cut to its size once more', [
    'firstAfter',
    ['first.sort(byCodePoints).slice(0, count)', 'first.sort(byCodePoints)'],
  ]),
  inFile('src/controller/all-records.ts', 'asked for the compiler: what cannot be read has no record to use either', [
    'createAllRecords.pages',
    ["record._tag === 'Left'", 'false'],
    ["'Left'", '""'],
  ]),
  inFile('src/controller/resync.ts', 'a fault without an error throws where it is told, and that is swallowed', [
    'createResync.lookAtAll',
    ["listed._tag === 'Left'", 'true'],
  ]),
  inFile(
    'src/controller/guarded-ports.ts',
    'of the answers to it only `gone` is looked for, and a hypervisor without the call that throws has not said so',
    ['unfenced', ["'unfenced'", '""']],
  ),
  inFile(
    'src/controller/guarded-ports.ts',
    'asked for the compiler: the field is there all the same, and undefined where nothing is set',
    ['SignalledPermit', ['onRefused !== undefined', 'true']],
  ),
];
