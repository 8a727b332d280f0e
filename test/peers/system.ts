/**
 * What another system is to these tests: a peer that can be started, told what to supervise, and ended.
 */
import type { RestartPolicy } from '../../src/policy.js';
import type { Place } from './place.js';

/** What every system is seen doing; `no wait` measures what a start costs it. */
export const kinds = ['crash loop', 'stable run', 'clean exit', 'exit code', 'manual stop', 'no wait'] as const;

export type Kind = (typeof kinds)[number];

/** What becomes of a peer's words here: a policy, and the fields of which it says that something is lost, or better. */
export interface Translated {
  readonly policy: RestartPolicy;
  readonly losses: ReadonlyArray<string>;
  readonly gains: ReadonlyArray<string>;
}

/** A loss that a scenario shows, or a gain. */
export interface Explanation {
  /** The field by which the translation reports it. */
  readonly field: string;
  readonly isGain?: true;
  /** The first start that may differ for it: 2 is the first automatic one. */
  readonly from: number;
  /** How many starts ours makes in all where it gives up, and theirs earlier or later: that is part of what is lost. */
  readonly ours?: number;
}

/** Something that is supervised, by the words of a peer. */
export interface Scenario<Words> {
  /** Its name in the peer, too: lower case letters, digits and hyphens. */
  readonly name: string;
  readonly kind: Kind;
  /** What is to be seen: a clause that follows the peer's name. */
  readonly says: string;
  readonly words: Words;
  /** What each of its runs does, as `command.sh` takes it: SECONDS:CODE, the last one for all that follow. */
  readonly does: string;
  /** A person stops it as soon as this run has ended; or, where it `is running`, has begun. */
  readonly stop?: { readonly run: number; readonly is: 'ended' | 'running' };
  /** Why ours may differ. It must, and the translation must say so. */
  readonly explained?: ReadonlyArray<Explanation>;
}

/** What is started by a person alone, now and again. */
export const byHand = { name: 'by-hand', does: '0:0' } as const;

/** A span and what it comes from. */
export interface Grain {
  readonly ms: number;
  readonly because: string;
}

/** A supervisor that runs. */
export interface Supervisor {
  readonly version: string;
  /** As a person would; answers when the supervisor has. */
  readonly stop: (name: string) => Promise<void>;
  /** Ends it, and starts it once more over what it has kept. */
  readonly startAgain?: () => Promise<void>;
  /** Where no scenario shows what a start costs: starts `byHand`, as a person would. Some answer before it has started. */
  readonly startByHand?: () => Promise<void>;
}

export interface System<Words = unknown> {
  /** Of its folder too. */
  readonly name: string;
  readonly title: string;
  /** The programs that it needs, and Debian's packages that have them. */
  readonly programs: ReadonlyArray<string>;
  readonly packages: ReadonlyArray<string>;
  /** How late it may start something for reasons of its own, beside what a start costs it. */
  readonly grain: Grain;
  /** By which share of itself a wait of its own may be shorter than it is said to be. */
  readonly shorter?: { readonly share: number; readonly because: string };
  /** Its waits begin where it starts something: a start that takes longer than others makes the pause after it shorter. */
  readonly waitsFromStarts?: true;
  /** What a start costs it cannot be told from its grain. */
  readonly costIsHidden?: true;
  /** A person stops something in every scenario, and then the supervisor itself is started again. */
  readonly startsAgain?: true;
  /** For how long it is watched, in seconds, once everything has started. */
  readonly watch: number;
  readonly scenarios: ReadonlyArray<Scenario<Words>>;
  /** `translate`'s answer; a policy written by hand where it has no words to translate. */
  readonly translate: (words: Words) => Translated;
  /** Starts all scenarios at once. Whatever it starts ends with the place. */
  readonly start: (place: Place, scenarios: ReadonlyArray<Scenario<Words>>) => Promise<Supervisor>;
}

/** For lists of systems with words of different kinds. */
export const system = <Words>(one: System<Words>): System => one as unknown as System;
