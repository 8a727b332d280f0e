/**
 * One command under a policy: the process adapter, and the controller on the clock of the machine.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryStore } from '../../adapters/memory.js';
import { type OpenError, openProcessHypervisor, type ProcessCommand } from '../../adapters/process.js';
import { systemClock } from '../../adapters/system-clock.js';
import { type Controller, createController, type DecisionRecord } from '../../controller.js';
import type { Millis } from '../../duration.js';
import type { RestartPolicy } from '../../policy.js';
import type { Store } from '../../ports/store.js';
import type { ExitCode } from '../command.js';
import { createFileStore } from './file-store.js';
import type { Narrator } from './narrate.js';
import { outcomeOf } from './outcome.js';

export interface Supervision {
  readonly command: ProcessCommand;
  readonly policy: RestartPolicy;
  /** Where it is remembered what a person said and what was counted; null: nowhere, it begins afresh and leaves nothing. */
  readonly state: string | null;
  /** A person starts it, whatever is remembered. */
  readonly isStart: boolean;
  readonly graceMs: Millis;
}

/** What ends it from outside: a person's stop, or a drain, after which it may be taken up again where it was. */
export type Interruption = 'stop' | 'drain';

const id = 'command';

/** Answers when there is nothing left to do, and nothing is left running. */
export const supervise = async (
  { command, policy, state, isStart, graceMs }: Supervision,
  interrupted: Promise<Interruption>,
  narrator: Narrator,
): Promise<ExitCode> => {
  const { directory, store, remove } = openState(state);
  const hypervisor = await openProcessHypervisor({ directory, commandOf: () => command, graceMs })();
  if (hypervisor._tag === 'Left') {
    remove();
    return refuse(narrator, state === null ? hypervisor.left.message : whyNotIn(state, hypervisor.left));
  }
  /** Whether what is decided may end it: not before it has begun, nor when a person ends it. */
  let isWatched = false;
  let end: (exitCode: ExitCode) => void = () => {};
  const ended = new Promise<ExitCode>((resolve) => {
    end = resolve;
  });
  const created = createController({
    store,
    hypervisor: hypervisor.right,
    clock: systemClock,
    onDecision: (decision) => {
      if (isNews(decision)) narrator.decision(decision);
      const exitCode = isWatched ? outcomeOf(decision) : null;
      if (exitCode === null) return;
      if (state !== null && decision.after.blockedReason !== null) narrator.refuse('--start starts it again');
      end(exitCode);
    },
    onFault: narrator.fault,
  });
  if (created._tag === 'Left') return refuse(narrator, created.left.message);
  const controller = created.right;

  const problem = await begin(controller, policy, isStart);
  isWatched = true;
  let exitCode: ExitCode = 1;
  if (problem !== null) refuse(narrator, problem);
  else {
    // What was decided until now is decided once more, and ends it where there is nothing to supervise.
    void controller.reconcile(id)();
    const first = await Promise.race([ended, interrupted]);
    isWatched = false;
    exitCode = typeof first === 'number' ? first : await interrupt(controller, first, narrator);
  }
  // A drain is not a manual stop: the controller is closed first, so that it restarts nothing that is ended next.
  await controller.close()();
  await hypervisor.right.close();
  remove();
  return exitCode;
};

/** Neither that it has a policy is, nor that nothing runs before the first start. */
const isNews = ({ event }: DecisionRecord): boolean =>
  event._tag === 'Observed' ? event.instance.startedAt !== null : event._tag !== 'PolicyUpdated';

const refuse = (narrator: Narrator, message: string): 1 => {
  narrator.refuse(message);
  return 1;
};

/** What is remembered is taken up where it was; else, or where a person says so, it is started. null: it is supervised. */
const begin = async (controller: Controller, policy: RestartPolicy, isStart: boolean): Promise<string | null> => {
  const known = await controller.status(id)();
  if (known._tag === 'Left') return `not supervised: ${messageOf(known.left)}`;
  const updated = await controller.updatePolicy(id, policy)();
  if (updated._tag === 'Left') return `not supervised: ${messageOf(updated.left)}`;
  if (known.right !== null && !isStart) return null;
  const started = await controller.manualStart(id)();
  return started._tag === 'Right' ? null : `not started: ${messageOf(started.left)}`;
};

const messageOf = (error: {
  readonly _tag: string;
  readonly message?: string;
  readonly problems?: ReadonlyArray<string>;
}): string => error.message ?? error.problems?.join('; ') ?? error._tag;

const interrupt = async (controller: Controller, how: Interruption, narrator: Narrator): Promise<ExitCode> => {
  if (how === 'drain') return 0;
  const stopped = await controller.manualStop(id)();
  return stopped._tag === 'Right' ? 0 : refuse(narrator, `not stopped: ${messageOf(stopped.left)}`);
};

interface OpenedState {
  /** For the process adapter. */
  readonly directory: string;
  readonly store: Store;
  readonly remove: () => void;
}

/** The directory is made where it is missing, by the adapter. */
const openState = (state: string | null): OpenedState => {
  if (state === null) {
    const directory = mkdtempSync(join(tmpdir(), 'restart-policy-'));
    const remove = (): void => rmSync(directory, { recursive: true, force: true });
    return { directory, store: createMemoryStore(), remove };
  }
  return { directory: join(state, 'runs'), store: createFileStore(join(state, 'record.json')), remove: () => {} };
};

const whyNotIn = (state: string, error: OpenError): string =>
  error._tag === 'DirectoryInUse'
    ? `${state} is in use by another restart-policy run`
    : `${state} cannot be used as a directory: ${error.message}`;
