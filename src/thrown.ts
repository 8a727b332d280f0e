/**
 * What somebody else's code threw, as a text.
 */
import { describeValue } from './quote.js';

/** Never throws, which `String` does: of an object without a prototype, and wherever `toString` throws. */
export const textOfThrown = (thrown: unknown): string => {
  try {
    return String(thrown);
  } catch {
    return describeValue(thrown);
  }
};
