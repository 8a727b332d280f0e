import { describe, expect, test } from 'vitest';
import { runExample } from './program.js';

describe('the first example', () => {
  test('shows a backoff, a limit, and a manual stop that holds, and ends by itself', async () => {
    const tour = runExample('01-supervise/main.ts');
    expect(await tour.ended).toBe(0);
    const lines = tour.output();
    expect(lines).toMatch(/stopped \(exit 7\), attempts 1, next in \S+: the next attempt waits/);
    expect(lines).toMatch(/attempts 3: it used up its attempts/);
    expect(lines).toMatch(
      /a person stopped it\n[\s\S]*three backoffs later its supervisor is started again[\s\S]*it stays stopped until a person starts it\n[\s\S]*it is still stopped/,
    );
    expect(lines).not.toContain('\u001b['); // no colour, for this is no terminal
  });

  test('supervises a command of the user until Ctrl-C, which is a manual stop', async () => {
    const policy = '{"policy":"always","backoff":"100ms"}';
    const program = runExample(
      '01-supervise/main.ts',
      '--policy',
      policy,
      '--',
      'sh',
      '-c',
      'echo "pid $$"; sleep 0.2',
    );
    await program.prints(/attempts 2: it is running/);
    program.process.kill('SIGINT');
    expect(await program.ended).toBe(0);
    expect(program.output()).toMatch(/pid \d+[\s\S]*pid \d+[\s\S]*a person stopped it/);
    for (const [, pid] of program.output().matchAll(/pid (\d+)/g)) {
      expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
    }
  });

  test('prints what is wrong with a policy, and exits with 2', async () => {
    const program = runExample(
      '01-supervise/main.ts',
      '--policy',
      '{"policy":"sometimes","max_attempt":-1}',
      '--',
      'true',
    );
    expect(await program.ended).toBe(2);
    expect(program.output()).toBe(
      `inline:1:11: restart_policy.policy must be one of never, always, on_failure, got the text "sometimes"
  1 | {"policy":"sometimes","max_attempt":-1}
                ^^^^^^^^^^^
inline:1:23: restart_policy.max_attempt is not a known field; did you mean max_attempts?
  1 | {"policy":"sometimes","max_attempt":-1}
                            ^^^^^^^^^^^^^
`,
    );
  });

  test.each([
    [['--policy', '{"policy"', '--', 'true'], 'cannot be read'],
    [['--policy', '{}'], 'restart-policy run --help says how'],
    [['--nonsense'], 'restart-policy run --help says how'],
  ])('says what it does not understand in %j, and exits with 2', async (args, expected) => {
    const program = runExample('01-supervise/main.ts', ...args);
    expect(await program.ended).toBe(2);
    expect(program.output()).toContain(expected);
  });
});
