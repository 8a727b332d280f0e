/**
 * What is wrong with a policy, each by its line and column, all of it at once.
 */
import { describe, expect, test } from 'vitest';
import { createCli } from './support.js';

const { cli } = createCli({ 'empty.yaml': '', 'a.yaml': 'policy: always\n' });

/** Name, text, and what is printed of it. */
const wrong: ReadonlyArray<readonly [string, string, string | RegExp]> = [
  [
    'every field at once, with what was meant',
    `name: web
restart_policy:
  policy: on-failure
  backoff: 5
  max_attemps: 3
  rules:
    - causes: [panik]
      exit_codes: [[5, 2]]
      action: restart
`,
    `stdin:3:11: restart_policy.policy must be one of never, always, on_failure, got the text "on-failure"; did you mean on_failure?
  3 |   policy: on-failure
                ^^^^^^^^^^
stdin:4:12: restart_policy.backoff must be a valid duration: a text such as "1m30s", in ns, us, ms, s, m, h, got 5
  4 |   backoff: 5
                 ^
stdin:7:16: restart_policy.rules[0].causes[0] must be one of exit, signal, out_of_memory, panic, host, unknown, got the text "panik"; did you mean panic?
  7 |     - causes: [panik]
                     ^^^^^
stdin:8:20: restart_policy.rules[0].exit_codes[0] must be a whole number or a range [low, high], got [5,2]
  8 |       exit_codes: [[5, 2]]
                         ^^^^^^
stdin:5:3: restart_policy.max_attemps is not a known field; did you mean max_attempts?
  5 |   max_attemps: 3
        ^^^^^^^^^^^
`,
  ],
  [
    'a short word, which is near none',
    'policy: always\nrules: [{causes: [oom], action: stop}]\n',
    `stdin:2:19: restart_policy.rules[0].causes[0] must be one of exit, signal, out_of_memory, panic, host, unknown, got the text "oom"
  2 | rules: [{causes: [oom], action: stop}]
                        ^^^
`,
  ],
  [
    'JSON with tabs',
    '{\n\t"policy": "always",\n\t"jitter": 2\n}\n',
    'stdin:3:12: restart_policy.jitter must be a number from 0 to 1, got 2\n  3 |  "jitter": 2\n                 ^\n',
  ],
  [
    'what a terminal would obey: shown, and not obeyed',
    'policy: "\x1b[2J\x1b[31malways\x07"\n',
    `stdin:1:9: restart_policy.policy must be one of never, always, on_failure, got the text "\\u001b[2J\\u001b[31malways\\u0007"
  1 | policy: "\ufffd[2J\ufffd[31malways\ufffd"
              ^^^^^^^^^^^^^^^^^^
`,
  ],
  [
    'a program, an archive, a picture',
    '\x7fELF\0\0\0\npolicy: always\0',
    'stdin: cannot be read: it is no text in UTF-8\n',
  ],
  [
    'a field that is missing: the object it is missing from',
    'restart_policy:\n  backoff: 2s\n',
    'stdin:2:3: restart_policy.policy must be one of never, always, on_failure; it is missing\n  2 |   backoff: 2s\n        ^^^^^^^^^^^\n',
  ],
  [
    'a name of TypeScript',
    'policy: always\nmode: always\nmaxBackoff: 1m\n',
    `stdin:2:1: restart_policy.mode is not a known field; the known ones are policy, backoff, max_attempts, stable_after, max_backoff, backoff_factor, backoff_from, jitter, limit_interval, cooldown, start_timeout, rules (what is mode in TypeScript is policy here)
  2 | mode: always
      ^^^^
stdin:3:1: restart_policy.maxBackoff is not a known field; did you mean max_backoff?
  3 | maxBackoff: 1m
      ^^^^^^^^^^
`,
  ],
  [
    'the key that holds it misspelt',
    'restart-policy:\n  policy: always\n',
    'stdin:1:1: restart-policy is not a known field; did you mean restart_policy?\n  1 | restart-policy:\n      ^^^^^^^^^^^^^^\n',
  ],
  [
    'a list',
    '- policy: always\n',
    'stdin:1:1: restart_policy must be an object, got an array\n  1 | - policy: always\n      ^^^^^^^^^^^^^^^^\n',
  ],
  [
    'a word',
    'always\n',
    'stdin:1:1: restart_policy must be an object, got the text "always"\n  1 | always\n      ^^^^^^\n',
  ],
  [
    'a null',
    'restart_policy:\n  policy: always\n  backoff:\n',
    'stdin:3:11: restart_policy.backoff must be a valid duration: a text such as "1m30s", in ns, us, ms, s, m, h, got null\n  3 |   backoff:\n                ^\n',
  ],
  ['nothing', '', 'stdin: is empty: a policy has a field "policy", which is one of never, always, on_failure\n'],
  [
    'a comment alone',
    '# nothing yet\n',
    'stdin: is empty: a policy has a field "policy", which is one of never, always, on_failure\n',
  ],
  [
    'a key twice',
    'policy: always\nbackoff: 2s\nbackoff: 3s\n',
    'stdin:3:1: cannot be read: map keys must be unique\n  3 | backoff: 3s\n      ^\n',
  ],
  [
    'two documents',
    'policy: always\n---\npolicy: never\n',
    'stdin:2:1: is a second document: one file holds one\n  2 | ---\n      ^^^\n',
  ],
  [
    'a brace that is not closed',
    '{"policy": "always"',
    'stdin:1:20: cannot be read: flow map must end with a }\n  1 | {"policy": "always"\n                         ^\n',
  ],
  [
    'a nesting that has no end, once and not for each level of it',
    '['.repeat(5_000),
    /^stdin:1:\d+: cannot be read: it is nested too deeply\n {2}1 \| \[+\n +\^\n$/,
  ],
  [
    'an alias without its anchor',
    'policy: *mode\n',
    'stdin: cannot be read: unresolved alias (the anchor must be set before the alias): mode\n',
  ],
  [
    'a line too long to show: what is meant of it',
    `{"policy": "always", ${' '.repeat(200)}"jitter": 7}\n`,
    `stdin:1:232: restart_policy.jitter must be a number from 0 to 1, got 7\n  1 | ${' '.repeat(62)}"jitter": 7}\n${' '.repeat(78)}^\n`,
  ],
];

describe('what is wrong is said with its place', () => {
  test.each(wrong)('%s', async (_, text, expected) => {
    const { exitCode, out, err } = await cli(['check', '-'], { stdin: text });
    if (typeof expected === 'string') expect(err).toBe(expected);
    else expect(err).toMatch(expected);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
  });
});

test.each([
  ['no such file', 'none.yaml', 'none.yaml: cannot be read: there is no such file\n'],
  ['a directory', '.', '.: cannot be read: it is a directory\n'],
  [
    'an empty file',
    'empty.yaml',
    'empty.yaml: is empty: a policy has a field "policy", which is one of never, always, on_failure\n',
  ],
  [
    'a text that is none',
    '{"policy": "x"}',
    'inline:1:12: restart_policy.policy must be one of never, always, on_failure, got the text "x"\n  1 | {"policy": "x"}\n                 ^^^\n',
  ],
])('%s is wrong input', async (_, given, expected) => {
  const { exitCode, err } = await cli(['check', given]);
  expect(err).toBe(expected);
  expect(exitCode).toBe(2);
});

test('standard input is read once', async () => {
  const { exitCode, err, out } = await cli(['check', '-', '-'], { stdin: 'policy: always\n' });
  expect(out).toContain('It is restarted whenever a run ends');
  expect({ exitCode, err }).toEqual({ exitCode: 2, err: '-: standard input is read once\n' });
});

test('a policy by an anchor and a merge is read', async () => {
  const text = 'base: &base {policy: always, backoff: 7s}\nrestart_policy:\n  <<: *base\n  max_attempts: 2\n';
  const { exitCode, out } = await cli(['check', '-', '--json'], { stdin: text });
  expect(exitCode).toBe(0);
  expect(JSON.parse(out)[0].restart_policy).toMatchObject({ policy: 'always', backoff: '7s', max_attempts: 2 });
});

test('a document that would fill the memory is refused', async () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let n = 1; n < 9; n++) lines.push(`a${n}: &a${n} [${new Array(10).fill(`*a${n - 1}`).join(', ')}]`);
  const { exitCode, err } = await cli(['check', '-'], { stdin: `${lines.join('\n')}\n` });
  expect(exitCode).toBe(2);
  expect(err).toBe('stdin: cannot be read: its aliases, written out, would fill the memory\n');
});

test.each<[name: string, text: string]>([
  ['an alias', 'services:\n  web: &web\n    restart: always\n    healthcheck: *web\n'],
  ['a merge', 'services:\n  web: &web\n    restart: always\n    <<: *web\n'],
])('a document that holds itself by %s is refused', async (_, stdin) => {
  const { exitCode, out, err } = await cli(['translate', 'compose', '-'], { stdin });
  expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
  expect(err).toBe('stdin: cannot be read: its aliases, written out, would fill the memory\n');
});

test('the defaults of a great many services, which have others in them, are no attack', async () => {
  const lines = [
    'x-restart: &restart { restart: always }',
    'x-defaults: &defaults { <<: *restart, image: x }',
    'services:',
  ];
  for (let n = 0; n < 150; n++) lines.push(`  s${n}: { <<: *defaults, command: run ${n} }`);
  const { exitCode, out } = await cli(['translate', 'compose', '-', '--json'], { stdin: `${lines.join('\n')}\n` });
  expect(exitCode).toBe(0);
  expect(JSON.parse(out).map((one: { restart_policy: unknown }) => one.restart_policy)).toEqual(
    new Array(150).fill(expect.objectContaining({ policy: 'always' })),
  );
});
