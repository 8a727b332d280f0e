/**
 * Each closed set is one constant. What can derive from it does; where somebody has to decide what a member means, a
 * member that nobody has decided about does not compile. Seen by planting one in each set, in memory.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { decodeRestartPolicy, decodeRestartStatus } from '../src/codec.js';
import { openApiComponentsBeyond } from '../src/hypeman.js';
import { backoffOrigins, blockedReasons, endCauses, lastReasons, restartModes, ruleActions } from '../src/index.js';
import { left } from './support/either.js';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Plant {
  readonly file: string;
  readonly set: string;
  readonly member: string;
  /** Where it must be decided what the member means. */
  readonly decides: ReadonlyArray<string>;
}

const plant = (file: string, set: string, member: string, ...decides: ReadonlyArray<string>): Plant => ({
  file,
  set,
  member,
  decides,
});

const plants: ReadonlyArray<Plant> = [
  plant('src/policy.ts', 'restartModes', 'unless_stopped', 'src/decide.ts', 'src/hypeman/openapi.ts'),
  plant(
    'src/status.ts',
    'blockedReasons',
    'drained',
    'src/decide.ts',
    'src/hypeman/reference.ts',
    'scripts/state-diagram.mjs',
  ),
  plant('src/status.ts', 'lastReasons', 'quota_exceeded', 'src/decide.ts'),
  plant('src/action.ts', 'restartActionTags', 'Hibernate', 'src/controller/reconcile.ts'),
  plant('src/event.ts', 'restartEventTags', 'Paused', 'src/event.ts', 'src/decide.ts', 'src/testing/arbitraries.ts'),
  plant(
    'src/event.ts',
    'instanceStates',
    'suspended',
    'src/decide.ts',
    'src/controller/reconcile.ts',
    'src/hypeman/observation.ts',
    'src/testing/arbitraries.ts',
  ),
  plant('src/event.ts', 'healths', 'degraded', 'src/decide.ts'),
  plant('src/describe/codes.ts', 'meanings', 'jitter_too_small', 'src/describe/lint.ts'),
  plant('src/reason.ts', 'prose', 'restart_after_timeout', 'src/metrics/attempts.ts'),
];

const deciders = [...new Set(plants.flatMap(({ decides }) => decides))];

// ---------------------------------------------------------------------------
// the compiler, over the sources as they would be with a plant
// ---------------------------------------------------------------------------

const { options } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config,
  ts.sys,
  root,
);

const parsed = new Map<string, ts.SourceFile>();
let former: ts.Program | undefined;

/** The files of `deciders` that do not compile where the file `edited` has another text. */
const failing = (edited: string | null, text = ''): ReadonlyArray<string> => {
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile;
  host.getSourceFile = (name, version, ...rest) => {
    if (edited !== null && name === join(root, edited)) return ts.createSourceFile(name, text, version, true);
    const kept = parsed.get(name) ?? read(name, version, ...rest);
    if (kept !== undefined) parsed.set(name, kept);
    return kept;
  };
  const program = ts.createProgram({
    rootNames: deciders.map((file) => join(root, file)),
    options: { ...options, noEmit: true },
    host,
    ...(former === undefined ? {} : { oldProgram: former }),
  });
  former = program;
  return deciders.filter((file) => {
    const source = program.getSourceFile(join(root, file));
    return source === undefined || program.getSemanticDiagnostics(source).length > 0;
  });
};

describe('a member that is added to a closed set', () => {
  test('is the only thing that does not compile', () => {
    expect(failing(null)).toEqual([]);
  });

  test.each(plants)('$member among $set does not compile in $decides', ({ file, set, member, decides }) => {
    const source = readFileSync(join(root, file), 'utf8');
    // A list of its members, or a record by them.
    const planted = source
      .replace(new RegExp(`(const ${set} = \\[[^\\]]*?),?(\\s*\\] as const)`), `$1, '${member}'$2`)
      .replace(new RegExp(`(const ${set} = \\{[^}]*?),?(\\s*\\} as const)`), `$1, ${member}: ''$2`);
    expect(planted).not.toBe(source);
    expect([...failing(file, planted)].sort()).toEqual([...decides].sort());
  });
});

// ---------------------------------------------------------------------------
// what derives
// ---------------------------------------------------------------------------

test('the codecs and the OpenAPI components name the members of the sets, in their order', () => {
  const { RestartPolicy, RestartStatus } = openApiComponentsBeyond.schemas;
  expect(RestartPolicy).toMatchObject({
    properties: {
      policy: { enum: restartModes },
      backoff_from: { enum: backoffOrigins },
      rules: { items: { properties: { causes: { items: { enum: endCauses } }, action: { enum: ruleActions } } } },
    },
  });
  expect(RestartStatus).toMatchObject({
    properties: {
      blocked_reason: { enum: [...blockedReasons, null] },
      last_reason: { enum: [...lastReasons, null] },
    },
  });
  expect(left(decodeRestartPolicy({ policy: 'x' }))[0].message).toContain(`must be one of ${restartModes.join(', ')}`);
  const policy = { policy: 'always', backoff_from: 'x', rules: [{ causes: ['x'], action: 'x' }] };
  expect(
    left(decodeRestartPolicy(policy)).map(({ message }) => message.replace(/^.*must be one of |, got .*$/g, '')),
  ).toEqual([backoffOrigins, endCauses, ruleActions].map((set) => set.join(', ')));
  expect(left(decodeRestartStatus({ blocked_reason: 'x' }))[0].message).toContain(blockedReasons.join(', '));
  expect(left(decodeRestartStatus({ last_reason: 'x' }))[0].message).toContain(lastReasons.join(', '));
});
