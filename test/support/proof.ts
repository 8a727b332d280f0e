/**
 * The long form of the checks: PROVE=1, which `npm run prove` sets.
 */
import { appendFileSync } from 'node:fs';

export const isProof = process.env['PROVE'] !== undefined;

/** The long form asks twenty times as often; PROPERTY_FACTOR is for who wants another number, of both forms. */
const factor = Number(process.env['PROPERTY_FACTOR'] ?? (isProof ? 20 : 1));

/** How often a property is asked that is usually asked so many times. */
export const runs = (usual: number): number => Math.ceil(usual * factor);

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
