/**
 * A part of docs/benchmarks.md: its title, the flag that measures it alone, and how its text comes from what was measured.
 */

/** At `full` size for the document, at a `tiny` one for the test. */
export type Size = 'full' | 'tiny';

/** A file of docs/. */
export interface Picture {
  readonly file: string;
  readonly text: string;
}

export interface Written {
  /** Markdown, its title the first line. */
  readonly text: string;
  readonly pictures: ReadonlyArray<Picture>;
}

/** Told what is being measured, and what cannot be. */
export type Notify = (message: string) => void;

export interface Part {
  /** The heading in the document, where no other has the same. */
  readonly title: string;
  readonly flag: `--${string}`;
  /** Measured by its flag alone: a run of the whole leaves it as it stands in the document. */
  readonly isByFlagAlone: boolean;
  readonly measure: (size: Size, notify: Notify) => Promise<Written>;
}

interface Definition<Sizes, Costs> {
  readonly title: string;
  readonly flag: `--${string}`;
  readonly isByFlagAlone?: boolean;
  readonly sizes: Readonly<Record<Size, Sizes>>;
  readonly measure: (sizes: Sizes, notify: Notify) => Costs | Promise<Costs>;
  /** Without the title. */
  readonly text: (costs: Costs) => string;
  readonly pictures?: (costs: Costs) => ReadonlyArray<Picture>;
}

export const partOf = <Sizes, Costs>(definition: Definition<Sizes, Costs>): Part => {
  const { title, flag, isByFlagAlone = false, sizes, measure, text, pictures = () => [] } = definition;
  return {
    title,
    flag,
    isByFlagAlone,
    measure: async (size, notify) => {
      const costs = await measure(sizes[size], notify);
      return { text: `## ${title}\n\n${text(costs)}`, pictures: pictures(costs) };
    },
  };
};
