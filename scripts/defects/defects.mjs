/**
 * Defects to plant: each a small change of a function, with what it re-introduces and the tests that are expected to
 * notice first. Those of the reference have the numbers of docs/differences (D1 to D9).
 *
 * @typedef {import('../anchors.mjs').Edit} Edit
 *
 * @typedef {object} Defect
 * @property {string} name
 * @property {ReadonlyArray<Edit>} edits
 * @property {ReadonlyArray<string>} noticedBy test files, the likeliest first; the other G tests are asked after them
 */
import { inFunction } from '../anchors.mjs';

const g1 = 'test/g1-manual-stop-dominates.test.ts';
const g2 = 'test/g2-limit.test.ts';
const g3 = 'test/g3-spacing.test.ts';
const g4 = 'test/g4-no-lost-wake-up.test.ts';
const g5 = 'test/g5-idempotence.test.ts';
const g6 = 'test/g6-total.test.ts';
const g7 = 'test/g7-codec.test.ts';
const g7Readers = 'test/g7-both-readers.test.ts';
const g8 = 'test/g8-store-is-the-only-memory.test.ts';
const g9 = 'test/g9-end-to-end.test.ts';
const g1p = 'test/g1p-end-to-end.test.ts';
const g1pDecided = 'test/g1p-paused.test.ts';
const admission = 'test/admission.test.ts';
const admissions = 'test/controller/admission.test.ts';
const clockSetBack = 'test/controller/clock-set-back.test.ts';
const anyHang = 'test/controller/any-hang.test.ts';
const g9Deadlines = 'test/g9-deadlines.test.ts';
const exhaustive = 'test/exhaustive/explore.test.ts';
const exhaustiveBeyond = 'test/exhaustive/explore-beyond.test.ts';
const agreement = 'test/oracle/agreement.test.ts';
const model = 'test/model/model.test.ts';
const g10 = 'test/g10-conformance.test.ts';

/** @type {(name: string, noticedBy: ReadonlyArray<string>, ...edits: ReadonlyArray<Edit>) => Defect} */
const defect = (name, noticedBy, ...edits) => ({ name, noticedBy, edits });

/** @type {(file: string) => (name: string) => ReturnType<typeof inFunction>} */
const inFile = (file) => (name) => inFunction(file, name);

const inDecide = inFile('src/decide.ts');
const inWaits = inFile('src/waits.ts');
const inCommit = inFile('src/controller/commit.ts');
const inReconcile = inFile('src/controller/reconcile.ts');
const inCommand = (/** @type {string} */ file) => inFile(`src/controller/commands/${file}.ts`);
const inPolicy = inCommand('policy');
const inSaving = inCommand('saving');
const inStart = inCommand('start');
const inStop = inCommand('stop');
const inSupervision = inCommand('supervision');
const inUndo = inCommand('undo');
const inAdmission = inFile('src/controller/admission.ts');
const inPermits = inFile('src/controller/permits.ts');
const inWakeUps = inFile('src/controller/wake-ups.ts');

/** @type {ReadonlyArray<Defect>} */
const ofTheReference = [
  defect(
    'D1: an attempt and its start with nothing between them that a stop could stop',
    [g9],
    inPermits('whereRecord').replace('holds(loaded.right) ?', 'loaded !== null ?'),
  ),
  defect(
    'D2: a stop is not recorded under a policy of never',
    [g1],
    inDecide('decideTold').replace(
      "stoppedByPerson, 'manual_stop_recorded'",
      "policy.mode === 'never' ? status : stoppedByPerson, 'manual_stop_recorded'",
    ),
  ),
  defect(
    'D3: the reason of a restart sticks to the runs after it',
    [g2],
    inDecide('causeOfOwnStop').answer('status.lastReason'),
  ),
  defect(
    'D4: the wait is checked before the limit',
    [g8, g9],
    inDecide('attempt').replace(
      'isLimitReached(policy, status, Math.max(now, due))',
      'isLimitReached(policy, status, Math.max(now, due)) && now >= due',
    ),
  ),
  defect(
    'D5: after a failed start the wait counts from the decision',
    [g3, g10],
    inDecide('decideAttemptFailed').replace(
      'now + waitAfterAttempt',
      '(status.lastAttemptAt ?? now) + waitAfterAttempt',
    ),
  ),
  defect(
    'D6: a status written in the future is not repaired',
    [g3],
    inDecide('decide').replace('repairClock(policy, status, now)', 'status'),
  ),
  defect(
    'D7: a long run whose end nobody saw does not end the window',
    [g2, g10],
    inDecide('decideStopped').replace('endWindowAfterStableRun(policy, stored, instance)', 'stored'),
  ),
  defect(
    'D8: an instance that initializes counts as stable',
    [g2, g10],
    inDecide('decideInitializing').replace(
      "quiet(status, 'initializing')",
      'decideRunning(policy, status, instance, now)',
    ),
  ),
  defect(
    'D9: an instance that never ran is started',
    [g1],
    inDecide('whyLeftDown').replace('instance.startedAt === null && status.lastAttemptAt === null', 'false'),
  ),
];

/** @type {ReadonlyArray<Defect>} */
const ofTheDecision = [
  defect(
    "guards in another order: health before a person's stop",
    [g1],
    inDecide('decide').replace(
      'held !== null',
      "held !== null && !(held === 'manual_stop' && event.instance.health === 'unhealthy')",
    ),
  ),
  defect(
    '`>` for `>=`: one attempt more than the limit',
    [g2],
    inDecide('isLimitReached').replace('policy.maxAttempts <=', 'policy.maxAttempts <'),
  ),
  defect('`<=` for `<`: an attempt one millisecond late', [g4], inDecide('attempt').replace('now < due', 'now <= due')),
  defect(
    '`>` for `>=`: stable one millisecond late',
    [g4],
    inDecide('decideRunning').replace('now >= whenStable', 'now > whenStable'),
  ),
  defect(
    '`>` for `>=`: a run that was stable to the millisecond, and ended, was not',
    [g2, g10],
    inDecide('endWindowAfterStableRun').replace('>= policy.stableAfter', '> policy.stableAfter'),
  ),
  defect(
    'guards in another order: a clean exit before the stop that was ours',
    [g10, exhaustive],
    inDecide('decideStopped').replace(
      'cause === null',
      "cause === null || (policy.mode === 'on_failure' && instance.exitCode === 0)",
    ),
  ),
  defect(
    'the marker is cleared by a policy update',
    [g1],
    inDecide('afterPolicyUpdate').replace('blockedReason: said', "blockedReason: said === 'paused' ? said : null"),
  ),
  defect(
    'a delete is not a stop',
    [g1],
    inDecide('decideTold').replace("stoppedByPerson, 'delete_requested'", "initialStatus, 'delete_requested'"),
  ),
  defect(
    'an attempt is not counted',
    [g2, g8],
    inDecide('attempt').replace('status.attempts + 1', 'Math.max(status.attempts, 1)'),
  ),
  defect(
    'the new window after a stable run forgets the spacing',
    [g3],
    inDecide('endWindow').replace('newWindow(status)', 'initialStatus'),
  ),
  defect(
    'a running instance has no stable moment to wake up for',
    [g4],
    inDecide('whenNext').replace('whenStable(policy, status, instance)', 'never'),
  ),
  defect(
    'a wait that stands is written again at every observation',
    [g5],
    inDecide('attempt').replace('status.lastReason === cause', 'status.lastReason !== cause'),
  ),
  defect(
    'a decision modifies its argument',
    [g6],
    inDecide('attempt').replace(
      'whenDue(policy, status, instance)',
      'whenDue(policy, Object.assign(status, { lastReason: status.lastReason }), instance)',
    ),
  ),
  defect(
    'a decision reads the clock',
    [g6],
    inDecide('attempt').replace('status.attempts + 1', 'status.attempts + 1 + (Date.now() % 2)'),
  ),
  defect('a fraction of a millisecond is rounded down', [g3, g4], inDecide('after').replace('Math.ceil', 'Math.floor')),
  defect(
    'on the wire a time loses its milliseconds',
    [g7],
    inFunction('src/time.ts', 'textOf').replace('/\\.?0+Z$/', '/\\.\\d+Z$/'),
  ),
];

/** @type {ReadonlyArray<Defect>} */
const ofTheQuickReader = [
  defect(
    'the quick reader of a policy takes an unknown field',
    [g7Readers],
    inFunction('src/wire/canonical-policy.ts', 'policyValuesOf').replace('return null', 'continue'),
  ),
  defect(
    'the memory of durations answers for another text',
    [g7Readers],
    inFunction('src/wire/canonical-duration.ts', 'remembering').replace(
      'kept.get(text)',
      'kept.get(text.toLowerCase())',
    ),
  ),
  defect(
    'what the quick reader does not know is read again for the strict one',
    [g7Readers],
    inFunction('src/wire/canonical-policy.ts', 'readPolicy').replace('givenOf(keys, values)', 'givenOf(keys, u)'),
  ),
  defect(
    'the quick reader takes a February of thirty days',
    [g7Readers],
    inFunction('src/wire/canonical-time.ts', 'daysIn').replace('isLeap(year) ? 29 : 28', '30'),
  ),
];

/** @type {ReadonlyArray<Defect>} */
const ofFieldsBeyond = [
  defect(
    'nextWakeAt does not know the jitter of the instance',
    [g4],
    inDecide('whenAttempted').replace(
      'whenDue(policy, status, instance)',
      'whenDue(policy, status, { ...instance, salt: 0 })',
    ),
  ),
  defect('the wait grows one attempt too early', [g3], inWaits('stepsBefore').answer('Math.max(attempts, 1)')),
  defect(
    'the longest wait forgets the jitter',
    [g5],
    inWaits('longestWait').replace(': stepsBefore(attempts), 1)', ': stepsBefore(attempts), 0)'),
  ),
  defect(
    'the limit of an interval is looked at now, and not when the attempt is due',
    [g2],
    inDecide('attempt').replace('Math.max(now, due)', 'now'),
  ),
  defect(
    '`>=` for `>`: an attempt counts a millisecond longer than the interval',
    [g2],
    inDecide('recentAttempts').replace('madeAt > at', 'madeAt >= at'),
  ),
  defect(
    'recent attempts that lie ahead are not repaired',
    [g2],
    inDecide('repairTimes').replace('recent?.some((madeAt) => madeAt > now)', 'false'),
    inDecide('repairTimes').replace('recent?.map((madeAt) => Math.min(madeAt, now))', 'recent'),
  ),
  defect(
    'a cooldown that is over ends the spacing',
    [g3],
    inDecide('attempt').replace('newWindow(status)', 'initialStatus'),
  ),
  defect(
    'a cooldown has no end',
    [g4],
    inDecide('attempt').replace('now < (status.nextAttemptAt ?? never)', 'status.lastAttemptAt !== undefined'),
  ),
  defect(
    'a cooldown is cut to the longest wait',
    [g2],
    inDecide('repairTimes').replace('isBlocked(status) ? (policy.cooldown ?? 0) : longestWait', 'longestWait'),
    inDecide('repairClock').replace('isBlocked(status) ? now : now', 'now'),
  ),
  defect(
    'the failure of the last attempt begins no cooldown',
    [agreement],
    inDecide('decideAttemptFailed').replace(
      'exhausted(policy, stored, stored.lastReason, now)',
      "blocked({ ...stored, nextAttemptAt: null, blockedReason: 'max_attempts_exceeded' })",
    ),
  ),
  defect(
    'a rule answers a stop of ours',
    [agreement],
    inDecide('decideStopped').replace('cause === null', 'cause === null || policy.rules !== undefined'),
  ),
  defect(
    'rules are asked after a clean exit',
    [g2],
    inDecide('whyLeftDown').replace('answer === undefined && policy.mode', 'policy.mode'),
  ),
  defect(
    'one end is answered by any number of uncounted attempts',
    [g2],
    inDecide('attempt').replace(
      'isWithin(instance.startedAt, status.lastAttemptAt ?? always, now)',
      'isWithin(instance.startedAt, always, now)',
    ),
  ),
  defect(
    'a run that began with the last attempt is answered uncounted',
    [g2],
    inDecide('isWithin').replace('at > from', 'at >= from'),
  ),
  defect(
    'an uncounted attempt is counted',
    [g2],
    inDecide('attempt').replace(
      'isCounted ? Math.min(status.attempts + 1, 2 ** 53 - 1) : status.attempts',
      'Math.min(status.attempts + 1, 2 ** 53 - 1)',
    ),
  ),
  defect(
    'the failure of an attempt with the number 0 is always stale',
    [g3],
    inDecide('decideAttemptFailed').replace('policy.rules ? 0 : 1', '1'),
  ),
  defect(
    'a wait from the exit begins when the exit is seen',
    [g3],
    inDecide('whenDueAfterExit').replace('Math.min(stoppedAt ?? seenAt, seenAt)', 'seenAt'),
  ),
  defect(
    'a wait from the exit begins again at every observation',
    [g3],
    inDecide('whenDueAfterExit').replace(
      'nextAttemptAt === null || isWithin(startedAt, nextAttemptAt, seenAt)',
      'seenAt > always',
    ),
    inDecide('whenDueAfterExit').replace('Math.min(stoppedAt ?? seenAt, seenAt)', 'seenAt'),
  ),
  defect(
    'the start time-out counts from the run that is seen, which may be the former one',
    [g2],
    inDecide('whenStartTimesOut').replace('never, lastAttemptAt ?? always', 'never, always'),
  ),
  defect(
    'what is initializing has no time-out to wake up for',
    [g4],
    inDecide('whenNext').replace('whenNextWhileInitializing(policy, status, instance)', 'never'),
  ),
  defect(
    'a limit that a resume unblocked is slept through while the instance is initializing',
    [g4],
    inDecide('whenNextWhileInitializing').replace('!isLimitReached(policy, status, later)', 'later > always'),
  ),
  defect(
    'a policy update lifts a pause',
    [g1pDecided],
    inDecide('afterPolicyUpdate').replace('blockedReason: said', "blockedReason: said === 'paused' ? null : said"),
  ),
  defect('a pause is written over a stop', [g1], inDecide('decidePause').replace('said === null', "said !== 'paused'")),
  defect('a pause keeps what is pending', [agreement], inDecide('decidePause').replace('nextAttemptAt: null,', '')),
  defect(
    'a resume forgets the limit',
    [g2],
    inDecide('decideResume').replace('{ ...status,', '{ ...status, attempts: 0,'),
  ),
  defect(
    'a resume forgets what we stopped',
    [g1pDecided],
    inDecide('decideResume').replace(
      'status.lastReason === null ? status.nextAttemptAt : now,',
      'null, lastReason: null,',
    ),
  ),
  defect(
    'a policy update during an attempt leaves down what we stopped',
    [agreement],
    inDecide('afterPolicyUpdate').replace('attempts === 0 || attemptUnderWay', 'attempts === 0'),
  ),
  defect('moments beyond the calendar are stored', [g6], inDecide('storable').answer('at')),
];

/** @type {ReadonlyArray<Defect>} */
const ofTheController = [
  defect(
    'a permit is ignored on start',
    [g9],
    inPermits('startPermit').replace('isAt(record, revision) && !isStopped(record)', 'record !== null'),
    inPermits('attemptPermit').replace(
      'isAt(record, revision) && record.value.status.blockedReason === null',
      'record !== null',
    ),
  ),
  defect(
    'a permit is ignored on stop',
    [g9],
    inPermits('stopPermit').replace('isStopped(loaded.right) ?', 'isStopped(loaded.right) || revision > 0 ?'),
  ),
  defect(
    'a permit asks only whether the record is blocked, not whether it is the one that was saved',
    [g9],
    inPermits('isAt').replace('record.value.revision === revision', 'true'),
  ),
  defect('repair is dropped', [g9], inReconcile('reconcile').replace('!repaired', 'repaired')),
  defect(
    'the instance is stopped before the marker is written',
    [g9],
    inStop('stopBy').replace(/await ports\.stop\([^;]*;/, 'await early : left(heldUp);'),
    inStop('stopBy').replace(
      'const recorded =',
      "const early = ports.stop(id, { revision: 1_000, check: async () => right(undefined) }, 'person');\nawait early;\nconst recorded =",
    ),
  ),
  defect(
    'the marker is written after the acknowledgement',
    [g8, g9],
    inSaving('recordStop').replace(
      'const saved =',
      "if (event._tag === 'ManualStop' && former._tag === 'Some') {\n  void commitCommand(context, id, former.value, event);\n  return right({ revision: former.value.revision, former });\n}\nconst saved =",
    ),
  ),
  defect(
    'a second stop is not saved',
    [g9],
    inSaving('recordStop').replace(
      'const saved =',
      "if (former._tag === 'Some' && event._tag === 'ManualStop' && former.value.status.blockedReason === 'manual_stop') {\n  return right({ revision: former.value.revision, former });\n}\nconst saved =",
    ),
  ),
  defect(
    'a refused stop is taken back outside the section',
    [g9],
    inStop('stopBy').replace(', onRefused: undo.onRefused', ''),
  ),
  defect('a refused stop is not taken back', [g9], inUndo('putBack').answer('right(revision)')),
  defect(
    'a refused stop clears what was counted',
    [g9],
    inUndo('before').replace(
      'return { policy, status }',
      'return { policy, status: { ...status, attempts: 0, lastAttemptAt: null, lastReason: null } }',
    ),
  ),
  defect(
    "the tag of a refused stop shields the run from another person's stop",
    [g9],
    inStop('answerRefused').replace("undo.former === 'stopped'", 'false'),
  ),
  // Every schedule comes to its next resync, which makes up for it: what is owed at once is the model's to say.
  defect(
    'no reconciliation after a start that was superseded',
    [model],
    inReconcile('reconcile').replace(
      "if (acted._tag === 'Left') return acted;",
      "if (acted._tag === 'Left') return acted;\nif (acted.right === null) return done;",
    ),
  ),
  defect(
    'an attempt is made before it is saved',
    [g8],
    inCommit('persist').replace(
      'status === found.status',
      '(status === found.status || made.decision.actions.length > 0)',
    ),
  ),
  defect(
    'a conflict is taken for a save',
    [g9, g8],
    inCommit('persist').replace(
      "saved._tag === 'Left' ? saved",
      "saved._tag === 'Left' && saved.left._tag === 'Conflict' && revision !== null\n      ? right({ ...made.decision, revision: revision + 1 }) : saved._tag === 'Left' ? saved",
    ),
  ),
  defect(
    'the stop of a Restart asks for no permit',
    [g9],
    inReconcile('act').replace(
      "ports.stop(id, permit, 'policy')",
      "ports.stop(id, { ...permit, check: async () => right(undefined) }, 'policy')",
    ),
  ),
  defect(
    'a start that failed is made again at once',
    [g9],
    inReconcile('act').replace(
      /context\.fault\([^;]*error: started\.left[^;]*;/,
      "$0\nawait ports.start(id, permit, 'policy');",
    ),
  ),
  defect(
    'no wake-up is armed',
    [g9, g8],
    inReconcile('reconcile').replace('context.arm(id, wakeAt, instance.salt)', 'undefined'),
  ),
  defect(
    'a superseded stop is acknowledged',
    [g9],
    inStop('stopBy').replace(
      "case 'Superseded': return left(stopped.left);",
      "case 'Superseded': return right({ revision });",
    ),
  ),
  defect(
    'a failed stop is acknowledged',
    [g9, g8],
    inStop('stopBy').replace('return left(answer); } } }', 'return right({ revision }); } } }'),
  ),
  defect(
    'a start that another write overtook is given up',
    [g9],
    inStart('start').replace('revision = current.right; continue;', 'return left(superseded);'),
  ),
  defect(
    'a start takes no part in the lane',
    [g9, g8],
    inFunction('src/controller.ts', 'manualStart').answer('command(() => start(context, id))'),
  ),
  defect(
    'a delete leaves no tombstone where nothing holds a start back',
    [g9],
    inStop('remove').replace("context.exclusion === 'none'", 'false'),
  ),
  defect(
    'a delete removes the record before the instance is stopped',
    [g9],
    inStop('remove').replace(
      'const stopped =',
      "const now = await context.ports.load(id);\nif (now._tag === 'Right' && now.right._tag === 'Some') await context.ports.remove(id, now.right.value.revision);\nconst stopped =",
    ),
  ),
];

/** @type {ReadonlyArray<Defect>} */
const ofPauses = [
  defect(
    'a repair stops what is paused',
    [g1p],
    inPermits('isMarked').replace(
      "=== 'manual_stop'",
      "!== 'max_attempts_exceeded' && status !== null && status.blockedReason !== null",
    ),
  ),
  defect(
    "an attempt's permit asks only whether a person stopped the instance, so a pause does not void it",
    [g1p],
    inPermits('attemptPermit').replace(
      'isAt(record, revision) && record.value.status.blockedReason === null',
      '!isStopped(record)',
    ),
  ),
  defect('a pause is a stop', [g1p], inSupervision('pause').replace('supervisionPaused', "{ _tag: 'ManualStop' }")),
  defect(
    'a pause is written over the marker of a stop, which cannot be taken back any more when it is refused',
    [g1p],
    inSupervision('pause').replace(
      "found.status.blockedReason === 'manual_stop' ? commit : commitCommand",
      'commitCommand',
    ),
  ),
  defect(
    "a person's start is superseded by a pause",
    [g1p],
    inStart('goesOn').replace('paused: true', 'paused: false'),
  ),
  defect('a resume does not look', [g1p], inSupervision('acknowledge').replace('context.request(id);', '')),
  defect(
    "a resume undoes a person's stop",
    [g1p],
    inSupervision('resume').replace('supervisionResumed', "{ _tag: 'Reset' }"),
  ),
  defect(
    'D17: a policy update does not say that an attempt is under way',
    [g1p],
    inPolicy('isAttemptUnderWay').answer('Promise.resolve(false)'),
  ),
  defect(
    'D17: a policy update says that an attempt is under way only where the instance is down already',
    [g1p],
    inPolicy('isAttemptUnderWay').replace(
      '(inspected.right.startedAt ?? lastAttemptAt - 1) < lastAttemptAt',
      "(inspected.right.startedAt ?? lastAttemptAt - 1) < lastAttemptAt && inspected.right.state === 'stopped'",
    ),
  ),
  defect(
    'D17: a policy update asks the hypervisor once, although the record changes meanwhile',
    [g1p],
    inPolicy('updatePolicy').replace(
      'const policy = checked.right;',
      'const policy = checked.right;\n  let asked: boolean | null = null;',
    ),
    inPolicy('updatePolicy').replace(
      'await isAttemptUnderWay(context, id, found.status)',
      '(asked ??= await isAttemptUnderWay(context, id, found.status))',
    ),
  ),
  defect(
    'the moment to wake up at is asked for without the salt',
    [g1p],
    inReconcile('reconcile').replace(
      'nextWakeAt(policy, decided, instance)',
      'nextWakeAt(policy, decided, inspected.right)',
    ),
  ),
  defect(
    'instances have no salt',
    [g1p],
    inFunction('src/controller/observations.ts', 'createObservations').replace(
      'const salt = saltOf(id);',
      'const salt = 0;',
    ),
  ),
];

/** @type {ReadonlyArray<Defect>} */
const ofAdmissions = [
  defect(
    'a place is never freed',
    [admissions],
    inAdmission('see').replace("is === 'landed'", "is === 'landed' && false"),
  ),
  defect(
    'a place of an instance that nobody can see any more is never given up',
    [admissions],
    inAdmission('miss').replace('missedIn < resyncs', 'false'),
  ),
  defect(
    'an attempt is counted while it waits',
    [admissions],
    inFunction('src/controller/commit.ts', 'commitIfAdmitted').answer(
      "Promise.resolve(persist(context, id, found, make(context, found, event), 'a change')).then((saved) =>\n    saved._tag === 'Right' && saved.right.actions.length > 0 && !isAdmitted(context.clock.now()) ? right(null) : saved)",
    ),
  ),
  defect(
    'the order is reversed: who is due for the shortest time goes first',
    [admission, admissions],
    inFunction('src/admission.ts', 'byUrgency').replace('compare(a.dueAt, b.dueAt)', 'compare(b.dueAt, a.dueAt)'),
  ),
  defect(
    'the lowest priority goes first',
    [admission, admissions],
    inFunction('src/admission.ts', 'byUrgency').replace(
      'compare(b.priority || 0, a.priority || 0)',
      'compare(a.priority || 0, b.priority || 0)',
    ),
  ),
  defect(
    "a person's start is not in flight",
    [admissions],
    inStart('start').replace("context.admission?.begin(id, 'person');", ''),
  ),
  defect(
    'a turn that is not used is not given on',
    [admissions],
    inAdmission('finish').replace('if (called.delete(id)) call();', 'called.delete(id);'),
  ),
  defect(
    'a turn that is not used stays with the instance',
    [admissions],
    inAdmission('finish').replace('if (called.delete(id)) call();', ''),
    inAdmission('withdraw').replace('if (drop(id)) call();', ''),
  ),
  defect(
    'a clock that went back lends attempts',
    [admission],
    inFunction('src/admission.ts', 'admit').replace(
      'now > state.at ? Math.max(0, state.owed - (now - state.at) * refill) : state.owed',
      'Math.max(0, state.owed - Math.abs(now - state.at) * refill)',
    ),
  ),
  defect(
    'the moment to ask again is a millisecond late',
    [admission],
    inFunction('src/admission.ts', 'admit').replace('now + wait', 'now + wait + 1'),
  ),
];

/** @type {ReadonlyArray<Defect>} */
const ofWakeUps = [
  defect(
    'a timer that is moved after the clock was set back puts all wake-ups off',
    [clockSetBack],
    inWakeUps('createWakeUps').replace('look(seen);', ''),
  ),
  defect(
    'what was armed before the clock was set back never wakes up',
    [clockSetBack],
    inWakeUps('createWakeUps').replace(
      'overdue.length > 0 ? Math.min(seen, timer?.at ?? seen) : heap.peek()?.at',
      'heap.peek()?.at',
    ),
  ),
];

const inCalls = inFile('src/controller/calls.ts');

/** @type {ReadonlyArray<Defect>} */
const ofDeadlines = [
  defect(
    'a call that has no answer holds up nothing',
    [g9Deadlines],
    inReconcile('holdsSection').replace("exclusion === 'section'", "exclusion === 'section' && id === ''"),
  ),
  defect(
    "a person's start is made beside one that has no answer",
    [g9Deadlines],
    inStart('start').replace('heldUpBy !== null', "heldUpBy === 'stop'"),
  ),
  defect(
    'an answer that comes late leads to no look',
    [g9Deadlines],
    inCalls('createCalls').replace('id !== null && !isOver', 'id !== null && isOver'),
  ),
  defect(
    'a timer that stood before the clock was set back ends the deadline of what began after it',
    [anyHang],
    inFile('src/controller/countdown.ts')('createCountdown').replace(
      'dueAt === at || (dueAt < at && dueAt <= clock.now())',
      'dueAt <= at',
    ),
  ),
  defect(
    'a stop is acknowledged at its deadline',
    [g9Deadlines],
    inStop('stopBy').replace(
      'const answer = await answerFailed(stopped.left, undo);',
      "const answer = await answerFailed(stopped.left, undo);\n        if (answer._tag === 'Failed') return right({ revision });",
    ),
  ),
  defect(
    'a command is taken back after Failed was told',
    [g9Deadlines],
    inUndo('undoOnce').replace('isForgone = true;', 'isForgone = false;'),
  ),
  defect(
    "a stop that is recorded is answered with the store's own error",
    [g9Deadlines],
    inUndo('answerFailed').replace('asFailed(error)', '(error as Failed)'),
  ),
  defect(
    'a start that has no answer is not charged',
    [g9Deadlines],
    inReconcile('act').replace(
      "context.fault({ id, during: 'start', error: started.left });",
      "context.fault({ id, during: 'start', error: started.left });\n    if (started.left._tag === 'Failed') return unread;",
    ),
  ),
  defect(
    'a Restart whose stop has no answer starts all the same',
    [g9Deadlines],
    inReconcile('act').replace(
      "if (stopped._tag === 'Right') break;",
      "if (stopped._tag === 'Right' || stopped.left._tag === 'Failed') break;",
    ),
  ),
  defect(
    'a call is permitted by a controller that has closed',
    [g9Deadlines],
    inCalls('createCalls').replace('if (isOver) return', 'if (isOver && id === null) return'),
    inPermits('permit').replace('ports.isEnded() ?', "ports.isEnded() && loaded._tag === 'Left' ?"),
  ),
  defect(
    'a failed attempt is charged by a controller that has closed',
    [g9Deadlines],
    inCalls('createCalls').replace('if (isOver) return', 'if (isOver && id === null) return'),
  ),
];

/** Defects that the explorer's world can have by itself, to show that its witness sees them: here they are always on. */
const inWorld = inFunction('src/testing/explore/world.ts', 'createWorld');
const inHypervisorOfWorld = inFunction('src/testing/explore/world/hypervisor.ts', 'createHypervisors');
const inStoreOfWorld = inFunction('src/testing/explore/world/store.ts', 'createStores');

/** @type {ReadonlyArray<Defect>} */
const ofTheWorld = [
  defect(
    'the permit is checked outside the section',
    [g9],
    inHypervisorOfWorld.replace("defect === 'check outside the section'", 'true'),
  ),
  defect(
    'the section is left before a refusal is taken back',
    [g9],
    inHypervisorOfWorld.replace("defect !== 'undo outside the section'", 'false'),
  ),
  defect('two runs at once', [g9], inHypervisorOfWorld.replace("defect === 'two runs at once'", 'true')),
  defect(
    'a stop answers before the run is gone',
    [g9],
    inHypervisorOfWorld.replace("defect === 'stop answers before the run is gone'", 'true'),
  ),
  defect('the fence is not durable', [g9], inWorld.replace("defect === 'fence not durable'", 'true')),
  defect(
    'a revision is used again after a delete',
    [g9],
    inStoreOfWorld.replace("defect === 'revisions reused'", 'true'),
  ),
  defect(
    'a call frees the section at its deadline, and still takes effect',
    [g9Deadlines],
    inFunction('src/testing/explore/world/calls.ts', 'createCalls').replace(
      "defect !== 'section left at the deadline'",
      'defect !== undefined',
    ),
  ),
];

/** Each of which at least one G test notices, or the test that it names. */
export const defects = [
  ...ofTheReference,
  ...ofTheDecision,
  ...ofTheQuickReader,
  ...ofFieldsBeyond,
  ...ofTheController,
  ...ofPauses,
  ...ofAdmissions,
  ...ofWakeUps,
  ...ofDeadlines,
  ...ofTheWorld,
];

/**
 * Decisions that decide nothing of use: every G test fails on them, so that none can be passed by doing nothing (liveness
 * is checked), or by doing something always.
 *
 * @type {ReadonlyArray<Defect>}
 */
export const wrongDecisions = [
  defect(
    'decide always answers "nothing"',
    [g1, g1pDecided, g2, g3, g4, g5, g6, exhaustive, exhaustiveBeyond, g7, g8, g9, g10],
    inDecide('decide').answer("quiet(status, 'not_actionable')"),
  ),
  defect(
    'decide always answers "start"',
    [g1, g1pDecided, g2, g3, g4, g5, g6, exhaustive, exhaustiveBeyond, g7, g8, g9, g10],
    inDecide('decide').answer("{ status, actions: [{ _tag: 'Start', attempt: 1 }], reason: 'restart_after_exit' }"),
  ),
];
