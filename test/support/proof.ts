/**
 * The long form of the checks: PROVE=1, which `npm run prove` sets.
 */
import { appendFileSync } from 'node:fs';

export const isProof = process.env['PROVE'] !== undefined;

/** How often a property is asked: so many times, and in the long form many times that. */
export const runs = (usual: number): number => (isProof ? usual * 20 : usual);

export interface Figures {
  /** As in "G8", or several: "G1-G6". */
  readonly guarantee: string;
  readonly method: string;
  /** What was counted; the lines of one guarantee and method are added up. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Leaves what was counted for the table of `npm run prove`. */
export const noteFigures = (figures: Figures): void => {
  const file = process.env['PROVE_FIGURES'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(figures)}\n`);
};
