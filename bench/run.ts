/**
 * A run: of the whole, or of some parts alone. What is measured is printed, and where it is to be written it is.
 */
import { apart, documentOf, headOf, standing, withPart } from './document.js';
import type { Machine } from './machine.js';
import type { Notify, Part, Picture, Size, Written } from './part.js';

export interface Run {
  /** All that the document has. */
  readonly parts: ReadonlyArray<Part>;
  readonly size: Size;
  readonly describeMachine: () => Machine;
  /** The document as it stands. */
  readonly read: () => string;
  readonly print: (text: string) => void;
  /** Null: nothing is written. Files are those of docs/. */
  readonly write: ((file: string, text: string) => void) | null;
  readonly notify: Notify;
}

export const documentFile = 'benchmarks.md';

const measure = ({ size, notify }: Run, { title, measure: ofPart }: Part): Promise<Written> => {
  notify(`measuring: ${title}`);
  return ofPart(size, notify);
};

const writePictures = ({ write }: Run, pictures: ReadonlyArray<Picture>): void => {
  for (const { file, text } of pictures) write?.(file, text);
};

/** Each is written as soon as it is measured: what comes after it may take long, or fail. */
export const runAlone = async (run: Run, asked: ReadonlyArray<Part>): Promise<void> => {
  const titles = run.parts.map(({ title }) => title);
  for (const part of asked) {
    const machine = run.describeMachine();
    const { text, pictures } = await measure(run, part);
    const alone = apart(text, machine);
    run.print(alone);
    run.write?.(documentFile, withPart(run.read(), part.title, alone, titles));
    writePictures(run, pictures);
  }
};

/** A part that is measured by its flag alone stays as it stands. */
const textsOf = (former: string, { title, flag }: Part, notify: Notify): ReadonlyArray<string> => {
  const text = standing(former, title);
  notify(
    text === null
      ? `NOT MEASURED, and so not in the document: ${title} (npm run bench -- ${flag} --write)`
      : `NOT MEASURED, and left as it stands in the document: ${title} (npm run bench -- ${flag} --write)`,
  );
  return text === null ? [] : [text];
};

export const runWhole = async (run: Run): Promise<void> => {
  const machine = run.describeMachine();
  const texts: Array<string> = [];
  const pictures: Array<Picture> = [];
  for (const part of run.parts) {
    if (part.isByFlagAlone) {
      texts.push(...textsOf(run.read(), part, run.notify));
      continue;
    }
    const written = await measure(run, part);
    texts.push(written.text);
    pictures.push(...written.pictures);
  }
  const document = documentOf(headOf(machine, run.parts), texts);
  run.print(document);
  run.write?.(documentFile, document);
  writePictures(run, pictures);
};
