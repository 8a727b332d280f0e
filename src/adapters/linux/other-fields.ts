/**
 * Fields of what a host answered that nobody reads. A misspelt one would be a start without its arguments, its environment, its
 * control group.
 */
import { quoteKey } from '../../quote.js';

/** More are not named. */
const most = 5;

/** Which there are beside the known ones, for people; null: none. One that is undefined is absent. */
export const otherFields = (answer: object, known: ReadonlyArray<string>): string | null => {
  const others = Object.keys(answer).filter(
    (key) => !known.includes(key) && (answer as Readonly<Record<string, unknown>>)[key] !== undefined,
  );
  if (others.length === 0) return null;
  const named = [...others.slice(0, most).map(quoteKey), ...(others.length > most ? ['…'] : [])].join(', ');
  const are = others.length === 1 ? 'is not a known field' : 'are not known fields';
  return `${named} ${are}; the known ones are ${known.join(', ')}`;
};
