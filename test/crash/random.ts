/**
 * Randomness with a seed. It fixes what the driver wants to do and when; the operating system decides what becomes of
 * it, so a seed replays the plan and not the run.
 */
export interface Random {
  /** From 0 (included) to 1 (not included). */
  readonly next: () => number;
  /** From `least` to `most`, whole. */
  readonly between: (least: number, most: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <A>(choices: ReadonlyArray<A>) => A;
}

export const createRandom = (seed: number): Random => {
  let state = seed >>> 0;

  const next = (): number => {
    // A Weyl sequence through a mixer of 32 bits: good enough to spread kills.
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
  const between = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));

  return {
    next,
    between,
    chance: (probability) => next() < probability,
    pick: (choices) => {
      const choice = choices[between(0, choices.length - 1)];
      if (choice === undefined) throw new Error('nothing to pick from');
      return choice;
    },
  };
};
