/**
 * Defects to plant: each a small change of a source file, with what it re-introduces and the tests that are expected to
 * notice first. Those of the reference have the numbers of docs/differences (D1 to D9).
 *
 * @typedef {object} Edit
 * @property {string} file
 * @property {string} find occurs exactly once
 * @property {string} replace
 *
 * @typedef {object} Defect
 * @property {string} name
 * @property {ReadonlyArray<Edit>} edits
 * @property {ReadonlyArray<string>} noticedBy test files, the likeliest first; the other G tests are asked after them
 */

const g1 = 'test/g1-manual-stop-dominates.test.ts';
const g2 = 'test/g2-limit.test.ts';
const g3 = 'test/g3-spacing.test.ts';
const g4 = 'test/g4-no-lost-wake-up.test.ts';
const g5 = 'test/g5-idempotence.test.ts';
const g6 = 'test/g6-total.test.ts';
const g7 = 'test/g7-codec.test.ts';
const g8 = 'test/g8-store-is-the-only-memory.test.ts';
const g9 = 'test/g9-end-to-end.test.ts';
const exhaustive = 'test/exhaustive/explore.test.ts';
const g10 = 'test/g10-conformance.test.ts';

/** @type {(name: string, noticedBy: ReadonlyArray<string>, ...edits: ReadonlyArray<Edit>) => Defect} */
const defect = (name, noticedBy, ...edits) => ({ name, noticedBy, edits });

/** @type {(file: string) => (find: string, replace: string) => Edit} */
const inFile = (file) => (find, replace) => ({ file, find, replace });

const inDecide = inFile('src/decide.ts');
const inCommit = inFile('src/controller/commit.ts');
const inLook = inFile('src/controller/reconcile.ts');
const inCommands = inFile('src/controller/commands.ts');
const inPermits = inFile('src/controller/permits.ts');
const inWorld = inFile('src/testing/explore/world.ts');

/** @type {ReadonlyArray<Defect>} */
const ofTheReference = [
  defect(
    'D1: an attempt and its start with nothing between them that a stop could stop',
    [g9],
    inPermits('return holds(loaded.right) ? right(undefined) : left(superseded);', 'return right(undefined);'),
  ),
  defect(
    'D2: a stop is not recorded under a policy of never',
    [g1],
    inDecide(
      "return replace(status, stoppedByPerson, 'manual_stop_recorded');",
      "return replace(status, policy.mode === 'never' ? status : stoppedByPerson, 'manual_stop_recorded');",
    ),
  ),
  defect(
    'D3: the reason of a restart sticks to the runs after it',
    [g2],
    inDecide(
      '  status.lastReason !== null &&\n  (instance.startedAt === null || (status.lastAttemptAt !== null && instance.startedAt < status.lastAttemptAt));',
      '  status.lastReason !== null && instance !== null;',
    ),
  ),
  defect(
    'D4: the wait is looked at before the limit',
    [g8, g9],
    inDecide(
      'if (limitReached(policy, status)) return exhausted(status, cause);',
      'if (limitReached(policy, status) && now >= (whenDue(policy, status) ?? now)) return exhausted(status, cause);',
    ),
  ),
  defect(
    'D5: after a failed start the wait counts from the decision',
    [g3, g10],
    inDecide(
      'nextAttemptAt: after(now, policy.backoff) }',
      'nextAttemptAt: after(status.lastAttemptAt ?? now, policy.backoff) }',
    ),
  ),
  defect(
    'D6: a status written in the future is not repaired',
    [g3],
    inDecide('const status = repairClock(policy, stored, now);\n  switch', 'const status = stored;\n  switch'),
  ),
  defect(
    'D7: a long run that ended while nobody looked does not end the window',
    [g2, g10],
    inDecide('const status = endWindowAfterStableRun(policy, stored, instance);', 'const status = stored;'),
  ),
  defect(
    'D8: an instance that initializes counts as stable',
    [g2, g10],
    inDecide("return quiet(status, 'initializing');", 'return decideRunning(policy, status, instance, now);'),
  ),
  defect(
    'D9: an instance that never ran is started',
    [g1],
    inDecide("if (instance.startedAt === null && status.lastAttemptAt === null) return 'never_started';", ''),
  ),
];

/** @type {ReadonlyArray<Defect>} */
const ofTheDecision = [
  defect(
    "guards in another order: health before a person's stop",
    [g1],
    inDecide(
      'if (held !== null) return quiet(stored, held);\n  // [clock_repair]',
      "if (held === 'policy_never' || (held !== null && instance.health !== 'unhealthy')) return quiet(stored, held);\n  // [clock_repair]",
    ),
  ),
  defect(
    '`>` for `>=`: one attempt more than the limit',
    [g2],
    inDecide('status.attempts >= policy.maxAttempts', 'status.attempts > policy.maxAttempts'),
  ),
  defect(
    '`<=` for `<`: an attempt one millisecond late',
    [g4],
    inDecide('due !== null && now < due', 'due !== null && now <= due'),
  ),
  defect(
    '`>` for `>=`: stable one millisecond late',
    [g4],
    inDecide('stableAt !== null && now >= stableAt', 'stableAt !== null && now > stableAt'),
  ),
  defect(
    '`>` for `>=`: a run that was stable to the millisecond, and ended, was not',
    [g2, g10],
    inDecide('stoppedAt - startedAt >= policy.stableAfter', 'stoppedAt - startedAt > policy.stableAfter'),
  ),
  defect(
    'guards in another order: a clean exit before the stop that was ours',
    [g10, exhaustive],
    inDecide(
      "if (stoppedByUs(status, instance)) return 'own_stop';",
      "if (stoppedByUs(status, instance) && !(policy.mode === 'on_failure' && instance.exitCode === 0)) return 'own_stop';",
    ),
  ),
  defect(
    'the marker is cleared by a policy update',
    [g1],
    inDecide("if (blockedReason === 'manual_stop') return stoppedByPerson;", ''),
  ),
  defect(
    'a delete is not a stop',
    [g1],
    inDecide(
      "return replace(status, stoppedByPerson, 'delete_requested');",
      "return replace(status, initialStatus, 'delete_requested');",
    ),
  ),
  defect(
    'an attempt is not counted',
    [g2, g8],
    inDecide('const number = status.attempts + 1;', 'const number = Math.max(status.attempts, 1);'),
  ),
  defect(
    'the new window after a stable run forgets the spacing',
    [g3],
    inDecide('? { ...initialStatus, lastAttemptAt: status.lastAttemptAt }', '? initialStatus'),
  ),
  defect(
    'a running instance has no stable moment to wake up for',
    [g4],
    inDecide(
      'isUnhealthy(instance) ? whenAttempted(policy, status) : whenStable(policy, status, instance)',
      'isUnhealthy(instance) ? whenAttempted(policy, status) : null',
    ),
  ),
  defect(
    'a wait that stands is written again at every look',
    [g5],
    inDecide('return quiet(waits ? status : {', 'return quiet(waits && false ? status : {'),
  ),
  defect(
    'a decision modifies its argument',
    [g6],
    inDecide(
      'const number = status.attempts + 1;',
      'const number = status.attempts + 1;\n  Object.assign(status, { attempts: number });',
    ),
  ),
  defect(
    'a decision reads the clock',
    [g6],
    inDecide('const number = status.attempts + 1;', 'const number = status.attempts + 1 + (Date.now() % 2);'),
  ),
  defect(
    'a fraction of a millisecond is rounded down',
    [g3, g4],
    inDecide('at + Math.ceil(span)', 'at + Math.floor(span)'),
  ),
  defect(
    'on the wire a time loses its milliseconds',
    [g7],
    inFile('src/codec/time.ts')(
      "new Date(rounded).toISOString().replace(/\\.?0+Z$/, 'Z')",
      "new Date(rounded).toISOString().replace(/\\.\\d+Z$/, 'Z')",
    ),
  ),
];

/** @type {ReadonlyArray<Defect>} */
const ofTheController = [
  defect(
    'a permit is ignored on start',
    [g9],
    inPermits(
      "record._tag === 'Some' && record.value.revision === revision && record.value.status.blockedReason === null,",
      "record._tag === 'Some' || record._tag === 'None',",
    ),
  ),
  defect(
    'a permit is ignored on stop',
    [g9],
    inPermits('permit(ports, id, revision, isStopped);', 'permit(ports, id, revision, () => true);'),
  ),
  defect(
    'a permit asks only whether the record is blocked, not whether it is the one that was saved',
    [g9],
    inPermits("record._tag === 'Some' && record.value.revision === revision &&", "record._tag === 'Some' &&"),
  ),
  defect(
    'repair is dropped',
    [g9],
    inLook(
      "alive && status.blockedReason === 'manual_stop' && !repaired",
      "alive && status.blockedReason === 'manual_stop' && repaired",
    ),
  ),
  defect(
    'the instance is stopped before the marker is written',
    [g9],
    inCommands(
      'const recorded = await record(context, id, event); // 1, 2',
      'const early = await ports.stop(id, { revision: 1_000, check: async () => right(undefined) });\n    const recorded = await record(context, id, event); // 1, 2',
    ),
    inCommands(
      'const stopped = await ports.stop(id, { ...stopPermit(ports, id, revision), onRefused: undo.onRefused }); // 3',
      'const stopped = early;',
    ),
  ),
  defect(
    'the marker is written after the acknowledgement',
    [g8, g9],
    inCommands(
      'const saved = await commitWord(context, id, recordOf(former), event);',
      "if (event._tag === 'ManualStop' && former._tag === 'Some') {\n      void commitWord(context, id, former.value, event);\n      return right({ revision: former.value.revision, former });\n    }\n    const saved = await commitWord(context, id, recordOf(former), event);",
    ),
  ),
  defect(
    'a second stop is not saved',
    [g9],
    inCommands(
      'const saved = await commitWord(context, id, recordOf(former), event);',
      "if (former._tag === 'Some' && event._tag === 'ManualStop' && isStopped(former)) {\n      return right({ revision: former.value.revision, former });\n    }\n    const saved = await commitWord(context, id, recordOf(former), event);",
    ),
  ),
  defect(
    'a refused stop is taken back outside the section',
    [g9],
    inCommands('{ ...stopPermit(ports, id, revision), onRefused: undo.onRefused }', 'stopPermit(ports, id, revision)'),
  ),
  defect(
    'a refused stop is not taken back',
    [g9],
    inCommands(
      'const saved = await context.ports.save(id, { policy, status }, revision);',
      'const saved = status === null ? await context.ports.save(id, { policy, status }, revision) : right(revision);',
    ),
  ),
  defect(
    'a refused stop clears what was counted',
    [g9],
    inCommands(
      'const { policy, status } = recordOf(former);',
      'const { policy, status } = { ...recordOf(former), status: initialStatus };',
    ),
  ),
  defect(
    "the tag of a refused stop shields the run from another person's stop",
    [g9],
    inCommands("undone.right === null || undo.former === 'stopped'", 'undone.right === null'),
  ),
  defect(
    'no look after a start that was superseded',
    [g9, g8],
    inLook(
      'await act(context, id, action, decided, committed.right.revision, lease);\n  }',
      'await act(context, id, action, decided, committed.right.revision, lease);\n    return done;\n  }',
    ),
  ),
  defect(
    'an attempt is made before it is saved',
    [g8],
    inCommit(
      "saves === 'a change' && status === before ?",
      "saves === 'a change' && (status === before || actions.length > 0) ?",
    ),
  ),
  defect(
    'a conflict is taken for a save',
    [g9, g8],
    inCommit(
      "if (saved._tag === 'Left') return saved;",
      "if (saved._tag === 'Left') {\n    if (saved.left._tag !== 'Conflict' || expected === null) return saved;\n    return right({ ...decision, revision: expected + 1 });\n  }",
    ),
  ),
  defect(
    'the stop of a Restart asks for no permit',
    [g9],
    inLook(
      'const stopped = await ports.stop(id, permit); // 6',
      'const stopped = await ports.stop(id, { ...permit, check: async () => right(undefined) });',
    ),
  ),
  defect(
    'a start that failed is made again at once',
    [g9],
    inLook(
      "context.fault({ id, during: 'start', error: started.left });",
      "context.fault({ id, during: 'start', error: started.left });\n    await ports.start(id, permit);",
    ),
  ),
  defect('no wake-up is armed', [g9, g8], inLook('else context.arm(id, wakeAt);', '')),
  defect(
    'a superseded stop is acknowledged',
    [g9],
    inCommands(
      "      case 'Superseded':\n        return stopped;\n      case 'Refused': {\n        const answer",
      "      case 'Superseded':\n        return right({ revision });\n      case 'Refused': {\n        const answer",
    ),
  ),
  defect(
    'a failed stop is acknowledged',
    [g9, g8],
    inCommands(
      '        context.request(id); // 5: the marker stays, and repair finishes the stop\n        return stopped;',
      '        return right({ revision });',
    ),
  ),
  defect(
    'a start that another write overtook is given up',
    [g9],
    inCommands('const current = await currentRevision(context, id); // 4', 'const current = left(superseded);'),
  ),
  defect(
    'a start takes no part in the lane',
    [g9, g8],
    inFile('src/controller.ts')(
      'manualStart: (id) => async () => (await lanes.exclusive(id, () => commands.start(context, id))) ?? left(closed),',
      'manualStart: (id) => command(() => commands.start(context, id)),',
    ),
  ),
  defect(
    'a delete leaves no tombstone where nothing holds a start back',
    [g9],
    inCommands("if (context.exclusion === 'none') return stopped;", ''),
  ),
  defect(
    'a delete removes the record before the instance is stopped',
    [g9],
    inCommands(
      'const stopped = await stopBy(context, id, deleteRequested);',
      "const now = await ports.load(id);\n    if (now._tag === 'Right' && now.right._tag === 'Some') await ports.remove(id, now.right.value.revision);\n    const stopped = await stopBy(context, id, deleteRequested);",
    ),
  ),
];

/** @type {ReadonlyArray<Defect>} */
const ofTheWorld = [
  defect(
    'the permit is checked outside the section',
    [g9],
    inWorld("const isOutside = defect === 'check outside the section';", 'const isOutside = true;'),
  ),
  defect(
    'the section is left before a refusal is taken back',
    [g9],
    inWorld("defect !== 'undo outside the section'", 'permit.revision < 0'),
  ),
  defect(
    'two runs at once',
    [g9],
    inWorld("const isNew = run === null || defect === 'two runs at once';", 'const isNew = true;'),
  ),
  defect(
    'a stop answers before the run is gone',
    [g9],
    inWorld("const isLate = defect === 'stop answers before the run is gone';", 'const isLate = true;'),
  ),
  defect('the fence is not durable', [g9], inWorld("if (defect === 'fence not durable') fence = 0;", 'fence = 0;')),
  defect(
    'a revision is used again after a delete',
    [g9],
    inWorld(
      "defect === 'revisions reused' ? (record?.revision ?? 0) + 1 : revisions + 1;",
      '(record?.revision ?? 0) + 1;',
    ),
  ),
];

/** Each of which at least one G test notices. */
export const defects = [...ofTheReference, ...ofTheDecision, ...ofTheController, ...ofTheWorld];

/**
 * Decisions that decide nothing of use: every G test fails on them, so that none can be passed by doing nothing (liveness
 * is checked), or by doing something always.
 *
 * @type {ReadonlyArray<Defect>}
 */
export const wrongDecisions = [
  defect(
    'decide always answers "nothing"',
    [g1, g2, g3, g4, g5, g6, exhaustive, g7, g8, g9, g10],
    inDecide(
      'now: Timestamp): Decision => {\n  switch (event._tag) {',
      "now: Timestamp): Decision => {\n  if (now > Number.NEGATIVE_INFINITY) return quiet(status, 'not_actionable');\n  switch (event._tag) {",
    ),
  ),
  defect(
    'decide always answers "start"',
    [g1, g2, g3, g4, g5, g6, exhaustive, g7, g8, g9, g10],
    inDecide(
      'now: Timestamp): Decision => {\n  switch (event._tag) {',
      "now: Timestamp): Decision => {\n  if (now > Number.NEGATIVE_INFINITY) {\n    return { status, actions: [{ _tag: 'Start', attempt: 1 }], reason: 'restart_after_exit' };\n  }\n  switch (event._tag) {",
    ),
  ),
];
