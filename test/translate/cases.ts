/**
 * The inputs of translations, as data: what another system's users write, and what comes of it. A file of data/ for each system; the
 * pages of docs/migration are drawn from the same files.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { RestartPolicyCodec, type RestartPolicyWire } from 'restart-policy/codec';
import { lintPolicy } from 'restart-policy/describe';
import type { Gain, Loss, PeerName, Translated, Translation } from 'restart-policy/translate';
import * as translations from 'restart-policy/translate';

export interface Case {
  /** What is given, as a phrase; unique within its file. */
  readonly name: string;
  /** Where people write so: values are changed. Absent: it was made up. */
  readonly found?: string;
  readonly given: unknown;
  /** The second argument. */
  readonly options?: unknown;
  /** How it is written there, for a row of the system's page. */
  readonly shown?: string;
  /** It is the program of the system's page. */
  readonly example?: true;
  /** Its row stands on the page of all systems, too. */
  readonly overview?: true;
  /** Why lints may warn of the policy though no loss says it. */
  readonly lintsBecause?: string;
  readonly expected: Outcome;
}

/** What comes of it. Policies are in their wire form. */
export type Outcome =
  | {
      readonly policy: RestartPolicyWire;
      readonly losses: ReadonlyArray<Loss>;
      readonly gains: ReadonlyArray<Gain>;
      /** Codes of lints of the policy. */
      readonly lints: ReadonlyArray<string>;
    }
  | { readonly errors: ReadonlyArray<string> };

export interface CaseFile {
  readonly cases: ReadonlyArray<Case>;
}

const folder = new URL('data/', import.meta.url);

export const fileOf = (system: string): URL => new URL(`${system}.json`, folder);

/** Every system that has a file. */
export const systems = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -'.json'.length) as PeerName)
  .sort();

export const casesOf = (system: string): CaseFile => JSON.parse(readFileSync(fileOf(system), 'utf8')) as CaseFile;

type Translate = (given: unknown, options?: unknown) => Translated<Translation>;

/** fromDocker of "docker". */
export const translationOf = (system: string): Translate => {
  const name = `from${system.slice(0, 1).toUpperCase()}${system.slice(1)}`;
  const found = (translations as unknown as Readonly<Record<string, Translate | undefined>>)[name];
  if (found === undefined) throw new Error(`restart-policy/translate has no ${name}`);
  return found;
};

export const translated = (system: string, { given, options }: Pick<Case, 'given' | 'options'>): Outcome => {
  const translate = translationOf(system);
  const result = options === undefined ? translate(given) : translate(given, options);
  if (result._tag === 'Left') return { errors: result.left.map(({ message }) => message) };
  const { policy, losses, gains } = result.right;
  return {
    policy: RestartPolicyCodec.encode(policy),
    losses,
    gains,
    lints: lintPolicy(policy).map(({ code }) => code),
  };
};
