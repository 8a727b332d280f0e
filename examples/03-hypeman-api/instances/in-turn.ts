/** A request of several steps, after those that came before it for the same instance. */
import { type Either, left } from 'fp-ts/lib/Either.js';
import { notFound, type Refusal } from '../answers.js';
import type { Parts } from '../parts.js';
import type { Definition } from './definition.js';

export const inTurn = async <A>(
  { definitions, turns }: Parts,
  idOrName: string,
  work: (definition: Definition) => Promise<Either<Refusal, A>>,
): Promise<Either<Refusal, A>> => {
  const found = definitions.find(idOrName);
  if (found === null) return left(notFound);
  return turns(found.id, async () => {
    // While it waited, it may have been changed or deleted.
    const current = definitions.get(found.id);
    return current === null ? left(notFound) : work(current);
  });
};
