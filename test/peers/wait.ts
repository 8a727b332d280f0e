import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again until it is so; where it does not become so within a minute, whatever is wrong is told by `what`. */
export const waitFor = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  const end = performance.now() + 60_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`this was waited for in vain: ${what}`);
    await sleep(10);
  }
};

/** The first answer of what fails until somebody listens. */
export const firstAnswer = async (what: string, ask: () => Promise<string>): Promise<string> => {
  let answer = '';
  await waitFor(what, async () => {
    answer = await ask().catch(() => '');
    return answer !== '';
  });
  return answer;
};
