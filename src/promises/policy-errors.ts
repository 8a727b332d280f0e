/**
 * What is wrong with a policy, in the words of this entry: with what stood there, and what was probably meant.
 */
import { didYouMean, didYouMeanOneOf, nearest } from '../nearest.js';
import { nameInJson, type PolicyError, valueAt } from '../policy.js';
import { withGiven } from '../validation.js';

// ---------------------------------------------------------------------------
// names
// ---------------------------------------------------------------------------

const notKnown = ' is not a known field';

/** A field that is not known may bear the name that it has in JSON: there it is written otherwise. */
export const withNames = (error: PolicyError): PolicyError => {
  const { field, message } = error;
  const [, listed] = message.split(`${notKnown}; the known ones are `);
  if (listed === undefined) return error;
  const known = listed.split(', ');
  const key = field.replace(/^rules\[\d+\]\./, '');
  const here = known.find((name) => nameInJson(name) === key);
  const meant = here ?? nearest(key, known);
  if (meant === null) return error;
  const why = here === undefined ? '' : ` (what is ${key} in JSON is ${here} here)`;
  return { field, message: `${field}${notKnown}${didYouMean(meant)}${why}` };
};

// ---------------------------------------------------------------------------
// values
// ---------------------------------------------------------------------------

/** The same, where it is known what was handed in. */
export const withValues =
  (input: unknown) =>
  (error: PolicyError): PolicyError => {
    const { field, message } = error;
    if (message.includes(notKnown)) return withNames(error);
    try {
      // No field bears the name of the whole.
      const value = field === 'policy' ? input : valueAt(input, field);
      const told = withGiven(message.slice(field.length + 1), value);
      return { field, message: `${field} ${told}${didYouMeanOneOf(told, value)}` };
    } catch {
      // A getter or a proxy of the caller's threw.
      return error;
    }
  };

// ---------------------------------------------------------------------------
// functions
// ---------------------------------------------------------------------------

/** What the controller says of a policy names the function of the core. */
export const withOwnFunction = ({ field, message }: PolicyError): PolicyError => ({
  field,
  message: message.replace(/\brestartPolicy(?= reads )/, 'restartPolicyOrThrow'),
});
