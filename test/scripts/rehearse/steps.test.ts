import { describe, expect, test, vi } from 'vitest';
import { createSteps } from '../../../scripts/rehearse/steps.js';
import { Unexpected } from '../../../scripts/rehearse/unexpected.js';

/** Steps on a screen of that width, each of which takes two seconds. */
const onScreen = (columns: number | null) => {
  const written: Array<string> = [];
  let now = 0;
  const steps = createSteps({ write: (text) => written.push(text), columns: () => columns, now: () => now });
  const act = async <A>(answer: () => A): Promise<A> => {
    now += 2_000;
    return answer();
  };
  return { steps, act, text: () => written.join(''), written };
};

describe('the steps of a rehearsal', () => {
  test('are a line each, with the time and what came of it', async () => {
    const { steps, act, text } = onScreen(null);
    await steps.step(
      'Install',
      () => act(() => 4),
      (count) => `${count} packages`,
    );
    expect(text()).toBe('ok       2.0 s  Install: 4 packages\n');
  });

  test('say what was expected and what was seen, under each other, and throw it on', async () => {
    const { steps, act, text } = onScreen(null);
    const failing = steps.step(
      'Install',
      () =>
        act(() => {
          throw new Unexpected('no warning', 'two:\nfirst\nsecond\n');
        }),
      String,
    );
    await expect(failing).rejects.toThrow(Unexpected);
    expect(text()).toBe(`FAILED   2.0 s  Install
         expected   no warning
         seen       two:
                    first
                    second
`);
  });

  test('show on a terminal what goes on, within its width, and take it away again', async () => {
    vi.useFakeTimers();
    try {
      const { steps, text, written } = onScreen(40);
      let end: (value: string) => void = () => {};
      const running = steps.step(
        'Build',
        () =>
          new Promise<string>((resolve) => {
            end = resolve;
          }),
        (answer) => answer,
      );
      steps.progress('  DTS a line that is longer than all of the terminal\n');
      vi.advanceTimersByTime(500);
      expect(written.at(-1)).toBe('\r\u001b[K…        0.0 s  Build: DTS a line that ');
      end('built');
      await running;
      expect(text().endsWith('\r\u001b[Kok       0.0 s  Build: built\n')).toBe(true);
      vi.advanceTimersByTime(5_000);
      expect(text().endsWith('built\n')).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});
