/**
 * Nomad: the restart block of a task, and what its health checks do.
 */
import type { Millis } from '../duration.js';
import type { RestartPolicyInput } from '../policy.js';
import { asWritten } from '../words.js';
import {
  countIn,
  flagIn,
  goSpanOrNanosIn,
  itemsIn,
  pathOf,
  refuseMisspelt,
  refuseOthers,
  type Section,
  sectionAt,
  underNames,
  wordIn,
} from './section.js';
import { type Notes, type Peer, translatingToPolicy, withoutRestarts } from './translation.js';
import { noWait } from './waits.js';

/** What is known of Nomad, and from where. */
export const nomad: Peer = {
  title: 'Nomad',
  versions:
    'restart and check_restart of a job specification, in JSON as HCL has it or as the API has it (RestartPolicy, CheckRestart, spans ' +
    'in nanoseconds); Nomad 1 and 2.',
  sources: [
    {
      says: 'the restart block and its defaults',
      url: 'https://developer.hashicorp.com/nomad/docs/job-specification/restart',
      read: '2026-11-27',
    },
    {
      says: 'the check_restart block',
      url: 'https://developer.hashicorp.com/nomad/docs/job-specification/check_restart',
      read: '2026-11-27',
    },
    {
      says: 'from when the interval is counted, up to a quarter of jitter, which jobs restart after success',
      url: 'https://github.com/hashicorp/nomad/blob/0f3f79f19e17f52198b20e584b21549f78e4a4f2/client/allocrunner/taskrunner/restarts/restarts.go',
      read: '2026-11-27',
    },
    {
      says: 'scenarios with their times',
      url: 'https://github.com/hashicorp/nomad/blob/0f3f79f19e17f52198b20e584b21549f78e4a4f2/client/allocrunner/taskrunner/restarts/restarts_test.go',
      read: '2026-11-27',
    },
  ],
};

const types = ['service', 'system', 'batch', 'sysbatch'] as const;

const ofTask = {
  Type: 'type',
  RestartPolicy: 'restart',
  CheckRestart: 'check_restart',
  Lifecycle: 'lifecycle',
  Reschedule: 'reschedule',
  ReschedulePolicy: 'reschedule',
};
const ofRestart = {
  Attempts: 'attempts',
  Delay: 'delay',
  Interval: 'interval',
  Mode: 'mode',
  RenderTemplates: 'render_templates',
};
const ofLifecycle = { Hook: 'hook', Sidecar: 'sidecar' };
const ofCheck = { Limit: 'limit', Grace: 'grace', IgnoreWarnings: 'ignore_warnings' };

/**
 * A task of Nomad: `{ type, restart, check_restart?, lifecycle? }`, where `type` is that of its job (default service), and the
 * others are its blocks as HCL's JSON form or the API has them; of a group and its task, `restart` is both merged. A block may
 * be an array of one. Never throws.
 *
 * @example
 * import { fromNomad } from 'restart-policy/translate'
 *
 * const translated = fromNomad({ type: 'batch', restart: { attempts: 3, interval: '10m', delay: '15s', mode: 'fail' } })
 * if (translated._tag === 'Left') throw new Error(translated.left[0].message)
 * const { mode, maxAttempts, limitInterval } = translated.right.policy
 * assert.deepStrictEqual({ mode, maxAttempts, limitInterval }, { mode: 'on_failure', maxAttempts: 3, limitInterval: 600_000 })
 *
 * @since 0.2.0
 */
export const fromNomad = /* @__PURE__ */ translatingToPolicy('task', (given, notes) => {
  const written = sectionAt(given, '', notes);
  if (written === undefined) return undefined;
  const task = underNames(written, ofTask, notes);
  refuseMisspelt(task, Object.values(ofTask), notes, ['schedule']);
  const type = wordIn(task, 'type', types, notes) ?? 'service';
  const isBatch = type === 'batch' || type === 'sysbatch';
  const restart = blockIn(task, 'restart', ofRestart, notes);
  const input = restartPolicyOf(restart, isBatch, runsOnce(task, isBatch, notes), type, notes);
  tellOfChecks(blockIn(task, 'check_restart', ofCheck, notes), task, notes);
  if (task.fields.has('reschedule')) {
    notes.loss(
      pathOf(task, 'reschedule'),
      task.fields.get('reschedule'),
      'Nothing is placed anew here: an instance is started where it is, or not at all.',
    );
  }
  return input;
});

/** A block, which HCL's JSON form may write as an array of one. */
const blockIn = (
  task: Section,
  key: string,
  names: Readonly<Record<string, string>>,
  notes: Notes,
): Section | undefined => {
  const given = task.fields.get(key);
  if (given === undefined) return undefined;
  const path = pathOf(task, key);
  const items = Array.isArray(given) ? itemsIn(task, key, notes) : [{ item: given, path }];
  const [only] = items;
  if (only === undefined || items.length > 1) return notes.error(path, `must be one block, not ${items.length}`);
  const section = sectionAt(only.item, only.path, notes);
  if (section === undefined) return undefined;
  const block = underNames(section, names, notes);
  refuseOthers(block, Object.values(names), notes);
  return block;
};

/** Whether a task that ends well is left so. */
const runsOnce = (task: Section, isBatch: boolean, notes: Notes): boolean => {
  const lifecycle = blockIn(task, 'lifecycle', ofLifecycle, notes);
  if (lifecycle === undefined) return isBatch;
  const hook = wordIn(lifecycle, 'hook', ['prestart', 'poststart', 'poststop'], notes);
  const isSidecar = flagIn(lifecycle, 'sidecar', notes) ?? false;
  if (hook === undefined) return isBatch;
  return hook === 'poststop' || !isSidecar;
};

const restartPolicyOf = (
  restart: Section | undefined,
  isBatch: boolean,
  isOnce: boolean,
  type: string,
  notes: Notes,
): RestartPolicyInput | undefined => {
  const block = restart ?? { path: 'restart', fields: new Map<string, unknown>() };
  const attempts = countIn(block, 'attempts', notes) ?? (isBatch ? 3 : 2);
  const delay = goSpanOrNanosIn(block, 'delay', notes) ?? 15_000;
  const interval = goSpanOrNanosIn(block, 'interval', notes) ?? (isBatch ? 86_400_000 : 1_800_000);
  const mode = wordIn(block, 'mode', ['fail', 'delay'], notes) ?? 'fail';
  const at = (key: string): string => pathOf(block, key);
  if (flagIn(block, 'render_templates', notes) === true) {
    notes.loss(
      at('render_templates'),
      true,
      "Nomad renders templates anew at a restart. Here what an instance is started with is the host's.",
    );
  }
  // What Nomad itself refuses.
  if (attempts === 0 && mode === 'delay') notes.error(at('mode'), 'must be fail where attempts is 0');
  if (interval < 5_000) notes.error(at('interval'), `must be 5s or more, not ${asWritten(interval)}`);
  if (attempts * delay > interval) {
    notes.error(
      at('interval'),
      `must have room for ${attempts} attempts with a delay of ${asWritten(delay)}, and is ${asWritten(interval)}`,
    );
  }
  if (attempts === 0) {
    for (const key of ['delay', 'interval']) {
      if (block.fields.has(key)) notes.loss(at(key), block.fields.get(key), withoutRestarts);
    }
    return { mode: 'never' };
  }
  notes.gain(
    at('mode'),
    block.fields.get('mode') ?? null,
    "A person's stop holds: an allocation that is stopped by hand (nomad alloc stop) Nomad places anew; here it stays stopped.",
  );
  if (delay === 0)
    notes.loss(at('delay'), block.fields.get('delay'), 'There is no pause there, and the shortest wait here is 1ms.');
  return {
    mode: isOnce ? 'on_failure' : 'always',
    ...(delay === 0 ? noWait : { backoff: delay, backoffFrom: 'exit', jitter: 0.25 }),
    ...limit({ attempts, delay, interval, mode, type, at, block }, notes),
  };
};

interface Asked {
  readonly attempts: number;
  readonly delay: Millis;
  readonly interval: Millis;
  readonly mode: 'fail' | 'delay';
  readonly type: string;
  readonly at: (key: string) => string;
  readonly block: Section;
}

const limit = (
  { attempts, interval, mode, type, at, block }: Asked,
  notes: Notes,
): Pick<RestartPolicyInput, 'maxAttempts' | 'limitInterval' | 'cooldown' | 'stableAfter'> => {
  const isTooMany = attempts > 100;
  notes.loss(
    at('interval'),
    block.fields.get('interval') ?? null,
    isTooMany
      ? `A limit within an interval is 100 attempts at most. Here the ${attempts} attempts are counted until a run lasts ${asWritten(interval)}.`
      : `Nomad's interval begins with the first start, and anew with the first end after it. Here it is the ${asWritten(interval)} before ` +
          'each attempt, so attempts around the end of an interval can reach the limit sooner.',
  );
  if (mode === 'delay') {
    notes.loss(
      at('mode'),
      mode,
      `At the limit Nomad waits for the rest of the interval, and does not count the restart that follows. Here it is ${asWritten(interval)} from the limit on, and that restart is the first of the next ${attempts}.`,
    );
  } else if (type === 'service' || type === 'batch') {
    notes.loss(
      at('mode'),
      block.fields.get('mode') ?? null,
      'At the limit the allocation fails, and Nomad places it anew, on another node perhaps, as its reschedule block says. Here it stays ' +
        'blocked until a person starts it; a cooldown lets it begin anew by itself.',
    );
  }
  return {
    maxAttempts: attempts,
    ...(isTooMany ? {} : { limitInterval: interval }),
    ...(mode === 'delay' ? { cooldown: interval } : {}),
    // A run as long as the interval leaves no attempt within it, so nothing is forgotten that still counts.
    stableAfter: interval,
  };
};

const tellOfChecks = (check: Section | undefined, task: Section, notes: Notes): void => {
  if (check === undefined) return;
  const limit = countIn(check, 'limit', notes) ?? 0;
  goSpanOrNanosIn(check, 'grace', notes);
  flagIn(check, 'ignore_warnings', notes);
  notes.loss(
    pathOf(task, 'check_restart'),
    task.fields.get('check_restart') ?? null,
    limit === 0
      ? 'A limit of 0 restarts nothing there. Here what the host reports as unhealthy is restarted: to leave it, report no health.'
      : `The host makes the check here: it waits for the grace, and reports unhealthy after ${limit} bad verdicts in a row. The restart ` +
          'that follows is counted, as there; its wait is counted from the attempt before, and not from the end.',
  );
};
