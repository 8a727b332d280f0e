/** A translation as the comparison takes it. */
import type { Translated as Answer, Translation } from '../../src/translate.js';
import { right } from '../support/either.js';
import type { Translated } from './system.js';

export const translationOf = (answer: Answer<Translation>): Translated => {
  const { policy, losses, gains } = right(answer);
  return { policy, losses: losses.map(({ field }) => field), gains: gains.map(({ field }) => field) };
};
