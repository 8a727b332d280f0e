/**
 * The part about reading policies and statuses.
 */
import { type DecodeCost, measureDecode } from '../decode.js';
import { efforts } from '../measure.js';
import { partOf } from '../part.js';
import { short, tableOf } from '../table.js';

const textOf = (costs: ReadonlyArray<DecodeCost>): string => `${tableOf(
  ['ns of CPU', 'codec', 'strict reader', 'by hand', 'codec / by hand', 'strict reader / codec'],
  costs.map(({ what, codec, strict, byHand }) => [
    what,
    codec,
    strict,
    byHand === null ? '–' : short(byHand),
    byHand === null ? '–' : (codec / byHand).toFixed(2),
    (strict / codec).toFixed(2),
  ]),
)}

- *codec*: \`decodeRestartPolicy\` and \`decodeRestartStatus\` of \`restart-policy/codec\`, of what \`JSON.parse\` made. It reads the
  canonical form in a straight line, and asks the strict reader where anything is not as it should be.
- *strict reader*: it knows every spelling and words what is wrong, and the codec asks it for the rest; the two answer alike.
- *by hand*: the same fields by their types and bounds, unknown ones of a policy refused, times by a regular expression and
  \`Date.parse\`, durations by a regular expression and from a Map where they were met before (\`bench/decode-floor.ts\`). What the
  codec does besides: getters, proxies and inherited fields are read as the strict reader would, spans are exact to the
  nanosecond and dates are real ones. Where something is wrong it tells what, and the hand does not: hence no figure.
- *status, blocked* has two fields, and most of its time is to ask what it is and which fields it has. The hand does not: it takes
  inherited fields too, and a Date or a Map for a status with nothing in it.
- The aim is at most twice the hand's time for what is canonical, the first five rows, and no more than the strict reader's for
  the rest.`;

export const decode = partOf({
  title: 'Reading a policy or a status',
  flag: '--decode',
  sizes: efforts,
  measure: measureDecode,
  text: textOf,
});
