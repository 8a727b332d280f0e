/**
 * What people do in a scenario: `--words stop@10m,start@20m`.
 */
import type { Millis } from '../../duration.js';
import { manuallyStarted, manuallyStopped, supervisionPaused, supervisionResumed } from '../../event.js';
import { quoteShort } from '../../quote.js';
import type { PersonAct } from '../../simulate.js';
import { spanText } from '../../span-text.js';
import type { Timestamp } from '../../status.js';
import { type OptionReader, readOptions, wordOf } from '../options.js';

const acts = {
  stop: manuallyStopped,
  start: manuallyStarted,
  pause: supervisionPaused,
  resume: supervisionResumed,
} as const;

const actNames = Object.keys(acts) as ReadonlyArray<keyof typeof acts>;

export const readWords = (options: OptionReader, from: Timestamp, span: Millis): ReadonlyArray<PersonAct> => {
  const words: Array<PersonAct> = [];
  for (const given of options.list('--words') ?? []) {
    const [word = '', moment = '', ...more] = given.split('@').map((part) => part.trim());
    const known = wordOf(word, actNames);
    const after = readOptions({ words: moment }).span('--words', 0);
    if (known._tag === 'Left') options.tell('--words', `${quoteShort(given)}: ${known.left}`);
    if (after === undefined || more.length > 0) {
      options.tell('--words', `must be such as stop@10m,start@20m, got ${quoteShort(given)}`);
    } else if (after >= span) {
      options.tell('--words', `${quoteShort(given)}: comes when it is over (--for is ${spanText(span)})`);
    } else if (known._tag === 'Right') words.push({ at: from + Math.round(after), event: acts[known.right] });
  }
  return words.sort((a, b) => a.at - b.at);
};
