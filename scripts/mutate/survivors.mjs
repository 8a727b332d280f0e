/**
 * The mutants that survive, and why they may: `npm run mutate` fails on any other. Most of them change nothing that can
 * be seen from outside.
 *
 * @typedef {object} Survivor
 * @property {string} file
 * @property {string} line in which it begins; here and below, white space counts as one blank
 * @property {string} from what it replaces
 * @property {string} to
 * @property {string} why
 */

/**
 * @type {(
 *   file: string,
 *   why: string,
 *   ...lines: ReadonlyArray<readonly [line: string, ...edits: ReadonlyArray<readonly [from: string, to: string]>]>
 * ) => ReadonlyArray<Survivor>}
 */
const inFile = (file, why, ...lines) =>
  lines.flatMap(([line, ...edits]) => edits.map(([from, to]) => ({ file, line, from, to, why })));

const stringMutant = '"Stryker was here!"';

const ofDuration = [
  inFile(
    'src/duration.ts',
    'the groups of the expression always match: the values in their place are for the compiler',
    ["for (const [, whole = '', fraction = '', unit = ''] of terms) {", ["''", stringMutant]],
  ),
  inFile('src/duration.ts', 'saves time with a text of many digits: the result is the same', [
    "const wholeNumber = (digits: string): bigint => BigInt(digits.replace(/^0+/, '').slice(0, 20));",
    ["digits.replace(/^0+/, '').slice(0, 20)", "digits.replace(/^0+/, '')"],
  ]),
  inFile('src/duration.ts', 'whether 2^63 itself is gone on with: no unit makes a difference of it', [
    'if (next > overflow) break;',
    ['next > overflow', 'next >= overflow'],
  ]),
  inFile('src/duration.ts', 'a zero has no nanoseconds, which is asked as well', [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a line of the source
    'return ms < 0 && nanos > 0n ? `-${text}` : text;',
    ['ms < 0', 'ms <= 0'],
  ]),
];

const ofDecide = [
  inFile('src/decide.ts', 'two that are the same object are equal field by field as well', [
    'return status !== stored && eqRestartStatus.equals(decision.status, stored) ? quiet(stored, decision.reason) : decision;',
    ['status !== stored', 'true'],
  ]),
  inFile(
    'src/decide.ts',
    'null is compared first for the sake of speed: it is no blocked reason',
    ['if (blockedReason !== null) {', ['blockedReason !== null', 'true']],
    ["blockedReason !== null && blockedReason === 'max_attempts_exceeded';", ['blockedReason !== null', 'true']],
  ),
  inFile(
    'src/decide.ts',
    'of two equal times it is the same which is taken',
    [
      'const since = lastAttemptAt !== null && lastAttemptAt > startedAt ? lastAttemptAt : startedAt;',
      ['lastAttemptAt > startedAt', 'lastAttemptAt >= startedAt'],
    ],
    [
      'return nextAttemptAt === null || nextAttemptAt < spaced ? spaced : nextAttemptAt;',
      ['nextAttemptAt < spaced', 'nextAttemptAt <= spaced'],
    ],
  ),
];

const onlyKeysCount = 'the compiler asks for the values, and only the keys are read';

const ofTheCodecs = [
  inFile('src/quote.ts', 'nothing is as false as `false`', [
    '} catch {',
    ['{ // A revoked proxy: even this question makes it throw. return false; }', '{}'],
  ]),
  inFile(
    'src/codec/policy-wire.ts',
    onlyKeysCount,
    ['policy: true,', ['true', 'false']],
    ['backoff: true,', ['true', 'false']],
    ['max_attempts: true,', ['true', 'false']],
    ['stable_after: true,', ['true', 'false']],
  ),
  inFile('src/codec/reading.ts', 'the field of null that is read next throws, which is as good as a no', [
    "if (typeof u !== 'object' || u === null) return false;",
    ['u === null', 'false'],
  ]),
  inFile(
    'src/codec/status-wire.ts',
    onlyKeysCount,
    ['attempts: true,', ['true', 'false']],
    ['last_attempt_at: true,', ['true', 'false']],
    ['next_attempt_at: true,', ['true', 'false']],
    ['blocked_reason: true,', ['true', 'false']],
    ['last_reason: true,', ['true', 'false']],
  ),
  inFile(
    'src/codec/status-wire.ts',
    'up is whatever is not down',
    ["const checkNextAttemptAt = whereSet<Timestamp | null>(null, (u) => checkTime(u, 'up'));", ["'up'", '""']],
    ["...(nextAttemptAt === null ? {} : { next_attempt_at: formatTime(nextAttemptAt, 'up') }),", ["'up'", '""']],
  ),
  inFile('src/codec/time.ts', 'no whole number is anything else: asked for the compiler', [
    "typeof u === 'number' && Number.isInteger(u) && u >= earliest && u <= latest;",
    ["typeof u === 'number'", 'true'],
  ]),
  inFile('src/codec/time.ts', 'an ISO text has one Z, its last letter', [
    "return isTimestamp(rounded) ? new Date(rounded).toISOString().replace(/\\.?0+Z$/, 'Z') : String(at);",
    ['/\\.?0+Z$/', '/\\.?0+Z/'],
  ]),
  inFile(
    'src/codec/time.ts',
    'an empty text, or any other, counts as the zero or the plus it stands for; and what did not match is no date either',
    [
      "const [matched, local = '', fraction = '', sign = '+', hours = '0', minutes = '0'] = rfc3339.exec(text) ?? [];",
      ["''", stringMutant],
      ["'+'", '""'],
      ["'0'", '""'],
      ['[]', '["Stryker was here"]'],
    ],
    ['if (matched === undefined) return null;', ['matched === undefined', 'false']],
  ),
  inFile('src/codec/time.ts', 'a whole second is never the last millisecond of its second', [
    'if (second < earliest || second > latest) return null;',
    ['second > latest', 'second >= latest'],
  ]),
];

const settledByName = 'of two words one is asked for, and the other is whatever is not that';
const forTheCompiler = 'asked for the compiler: the one is never null without the other';

const ofTheController = [
  inFile(
    'src/controller.ts',
    'a listener or a function to unsubscribe that is not there throws, and that is swallowed',
    [
      'tell: (decision) => unharmed(() => options.onDecision?.(decision)),',
      ['options.onDecision?.(decision)', 'options.onDecision(decision)'],
    ],
    [
      "fault: (fault) => unharmed(() => options.onFault?.({ _tag: 'Fault', ...fault })),",
      ["options.onFault?.({ _tag: 'Fault', ...fault })", "options.onFault({ _tag: 'Fault', ...fault })"],
    ],
    ['for (const unsubscribe of subscriptions) unharmed(() => unsubscribe?.());', ['unsubscribe?.()', 'unsubscribe()']],
  ),
  inFile('src/controller.ts', 'one look more, which finds nothing to do', [
    'if (isNew) lanes.request(id);',
    ['isNew', 'true'],
  ]),
  inFile(
    'src/controller/commands.ts',
    'a stop that was overtaken is put back by compare-and-set, which the later word makes fail: the answer is the same',
    ["case 'Superseded':", ["case 'Superseded': return stopped;", "case 'Superseded':"], ["'Superseded'", '""']],
  ),
  inFile('src/controller/commands.ts', 'a permit of no revision holds for nothing, so no run is given a tag by it', [
    "if (undone.right === null || undo.former === 'stopped') return refusal;",
    ['undone.right === null', 'false'],
  ]),
  inFile('src/controller/commands.ts', 'asked for the compiler: an error has no answer to compare', [
    "return tagged._tag === 'Right' && tagged.right === 'gone' ? 'gone' : refusal;",
    ["tagged._tag === 'Right'", 'true'],
  ]),
  inFile('src/controller/commands.ts', settledByName, [
    "former: former._tag === 'Some' && isStopped(former) ? 'stopped' : 'supervised',",
    ["'supervised'", '""'],
  ]),
  inFile('src/controller/commit.ts', settledByName, [
    "): Promise<Either<StoreFailed | Conflict, Committed>> => settle(context, id, found, event, 'every word');",
    ["'every word'", '""'],
  ]),
  inFile('src/controller/health.ts', 'no two tickets are equal', [
    'if ((kept.get(id)?.ticket ?? 0) < ticket) kept.set(id, { report, ticket });',
    ['(kept.get(id)?.ticket ?? 0) < ticket', '(kept.get(id)?.ticket ?? 0) <= ticket'],
  ]),
  inFile(
    'src/controller/lanes.ts',
    'whoever comes to its turn without a reason is passed over: what is saved is memory',
    ['else if (lane.wanted) queue.push(id);', ['lane.wanted', 'true']],
    ['if (!lane.busy) queue.push(id);', ['!lane.busy', 'true']],
    ['let coming: Array<A> = [];', ['[]', '["Stryker was here"]']],
    ['let going: Array<A> = [];', ['[]', '["Stryker was here"]']],
  ),
  inFile('src/controller/permits.ts', forTheCompiler, [
    'if (lease === null || leases === null) return permitted;',
    ['lease === null', 'false'],
    ['leases === null', 'false'],
    ['lease === null || leases === null', 'lease === null && leases === null'],
  ]),
  inFile('src/controller/permits.ts', 'what was saved at that revision had no block; it is asked all the same', [
    "record._tag === 'Some' && record.value.revision === revision && record.value.status.blockedReason === null,",
    ['record.value.status.blockedReason === null', 'true'],
  ]),
  inFile(
    'src/controller/guarded-ports.ts',
    'of the answers to it only `gone` is looked for, and a hypervisor without the call that throws has not said so',
    [
      '() => hypervisor.retag?.(id, permit) ?? unfenced,',
      ['hypervisor.retag?.(id, permit)', 'hypervisor.retag(id, permit)'],
    ],
    [
      "const unfenced: TaskEither<never, 'unfenced'> = async () => ({ _tag: 'Right', right: 'unfenced' });",
      ["{ _tag: 'Right', right: 'unfenced' }", '{}'],
      ["'Right'", '""'],
      ["'unfenced'", '""'],
    ],
  ),
];

/** @type {ReadonlyArray<Survivor>} */
export const survivors = [ofDuration, ofDecide, ofTheCodecs, ofTheController].flat(2);
