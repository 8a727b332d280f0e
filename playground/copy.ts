/**
 * Copying a text, and how it went.
 */
import { write } from './dom.js';

/** Says beside the button how it went. */
export const copyText = (text: string, answer: HTMLElement): void => {
  const say = (words: string): void => {
    write(answer, words);
    setTimeout(() => write(answer, ''), 4_000);
  };
  // Where a page may not write the clipboard, the text can still be selected.
  if (navigator.clipboard === undefined) say('Select it and copy it by hand.');
  else
    navigator.clipboard.writeText(text).then(
      () => say('Copied.'),
      () => say('Select it and copy it by hand.'),
    );
};
