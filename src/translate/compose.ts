/**
 * Compose: a service of a compose file, as `docker compose up` runs it, or as `docker stack deploy` gives it to Swarm.
 */
import type { RestartPolicyInput } from '../policy.js';
import { describeValue } from '../quote.js';
import { dockerPolicy, dockerWords } from './docker.js';
import { type NamedPolicy, refuseRetries, textPolicy } from './restart-text.js';
import {
  countIn,
  goSpanIn,
  pathOf,
  refuseMisspelt,
  refuseOthers,
  type Section,
  sectionAt,
  sectionIn,
  wordIn,
} from './section.js';
import { askedIn, swarmConditions, swarmPolicy } from './swarm.js';
import { type Notes, type Peer, type Translated, type Translation, translatingToPolicy } from './translation.js';

/** What is known of Compose, and from where. */
export const compose: Peer = {
  title: 'Compose',
  versions:
    'restart, deploy.restart_policy, healthcheck and depends_on of a service in the Compose Specification, as Docker Compose 2 ' +
    'runs it, or as docker stack deploy reads it.',
  sources: [
    {
      says: 'deploy.restart_policy, and that it goes before restart',
      url: 'https://docs.docker.com/reference/compose-file/deploy/#restart_policy',
      read: '2026-11-27',
    },
    {
      says: 'restart, healthcheck, depends_on',
      url: 'https://docs.docker.com/reference/compose-file/services/#restart',
      read: '2026-11-27',
    },
    {
      says: 'docker compose hands the engine a name and a count, and neither delay nor window',
      url: 'https://github.com/docker/compose/blob/main/pkg/compose/create.go',
      read: '2026-11-27',
    },
    {
      says: 'docker stack deploy makes of restart what Swarm knows, and nothing of no',
      url: 'https://github.com/docker/cli/blob/master/cli/compose/convert/service.go',
      read: '2026-11-27',
    },
    {
      says: 'bad health restarts nothing',
      url: 'https://github.com/moby/moby/issues/28400',
      read: '2026-11-27',
    },
  ],
};

/**
 * Who runs a compose file: `docker compose up` on one engine, or `docker stack deploy` on a Swarm.
 *
 * @since 0.2.0
 */
export type ComposeRunner = 'compose' | 'swarm';

/**
 * How a compose file is read.
 *
 * @since 0.2.0
 */
export interface ComposeOptions {
  /** Which of the two runs it: they heed different parts of it. Default `compose`. */
  readonly runBy?: ComposeRunner | undefined;
}

/**
 * A service of a compose file: what stands below its name, parsed, with its variables and what it extends filled in. Fields that
 * have nothing to do with restarts are not looked at. Never throws.
 *
 * @example
 * import { fromCompose } from 'restart-policy/translate'
 *
 * const translated = fromCompose({ image: 'web', restart: 'unless-stopped' })
 * if (translated._tag === 'Left') throw new Error(translated.left[0].message)
 * assert.strictEqual(translated.right.policy.mode, 'always')
 *
 * @since 0.2.0
 */
export const fromCompose = (service: unknown, options: ComposeOptions = {}): Translated<Translation> =>
  translatingToPolicy('service', (given, notes) => {
    const section = sectionAt(given, '', notes);
    const runBy = runnerOf(options, notes);
    if (section === undefined) return undefined;
    refuseMisspelt(withoutExtensions(section), ['restart', 'deploy', 'healthcheck', 'depends_on'], notes);
    if (section.fields.has('restart_policy')) {
      notes.error(pathOf(section, 'restart_policy'), 'is not known there; did you mean deploy.restart_policy?');
    }
    if (section.fields.has('extends')) {
      notes.error(
        pathOf(section, 'extends'),
        'must be filled in first: docker compose config prints a service whole, with what it has of another',
      );
    }
    const deploy = sectionIn(section, 'deploy', notes);
    if (deploy !== undefined) refuseMisspelt(deploy, ['restart_policy'], notes);
    const policy = deploy === undefined ? undefined : sectionIn(deploy, 'restart_policy', notes);
    if (policy !== undefined) refuseOthers(withoutExtensions(policy), known, notes);
    const input = runBy === 'swarm' ? bySwarm(section, deploy, policy, notes) : byCompose(section, policy, notes);
    if (input !== undefined && input.mode !== 'never') tellOfHealth(section, runBy, notes);
    tellOfDependencies(section, notes);
    return input;
  })(service);

const runnerOf = (options: ComposeOptions, notes: Notes): ComposeRunner => {
  const section = sectionAt(options, 'options', notes);
  if (section === undefined) return 'compose';
  refuseOthers(section, ['runBy'], notes);
  return wordIn(section, 'runBy', ['compose', 'swarm'], notes) ?? 'compose';
};

const known = ['condition', 'delay', 'max_attempts', 'window'];

/** Extensions are nobody's business but their author's. */
const withoutExtensions = (section: Section): Section => ({
  ...section,
  fields: new Map([...section.fields].filter(([key]) => !key.startsWith('x-'))),
});

const restartOf = (section: Section, notes: Notes): NamedPolicy<(typeof dockerWords)[number]> | undefined => {
  const given = section.fields.get('restart');
  const path = pathOf(section, 'restart');
  // A parser of YAML 1.1 reads an unquoted no so.
  if (given === undefined || given === false)
    return { name: 'no', retries: 0, nameAt: path, nameSaid: given ?? null, retriesAt: path, retriesSaid: null };
  return typeof given === 'string'
    ? textPolicy(given, path, dockerWords, notes)
    : notes.error(path, `must be a text such as "on-failure:3", not ${describeValue(given)}`);
};

const tellOfRestart = (section: Section, notes: Notes): void => {
  const said = section.fields.get('restart');
  if (said !== undefined)
    notes.loss('restart', said, 'It has no effect: deploy.restart_policy goes before it, here as there.');
};

// ---------------------------------------------------------------------------
// docker compose up
// ---------------------------------------------------------------------------

const byCompose = (section: Section, policy: Section | undefined, notes: Notes): RestartPolicyInput | undefined => {
  if (policy === undefined) {
    const asked = restartOf(section, notes);
    return asked === undefined ? undefined : dockerPolicy(asked, notes);
  }
  const condition = wordIn(policy, 'condition', composeConditions, notes);
  const retries = attemptsIn(policy, notes) ?? 0;
  const [delay, window] = [goSpanIn(policy, 'delay', notes), goSpanIn(policy, 'window', notes)];
  tellOfRestart(section, notes);
  const conditionAt = pathOf(policy, 'condition');
  if (condition === '' || !policy.fields.has('condition')) {
    notes.loss(
      conditionAt,
      policy.fields.get('condition') ?? null,
      'By its documentation it is any then, and so it is here. Docker Compose 2 hands the engine no name then, and nothing is restarted.',
    );
  }
  for (const [key, span] of [
    ['delay', delay],
    ['window', window],
  ] as const) {
    if (span === undefined) continue;
    notes.loss(
      pathOf(policy, key),
      policy.fields.get(key),
      'docker compose up does not heed it, so it has no effect here either. docker stack deploy does: translate with runBy (--run-by) swarm.',
    );
  }
  const asked = {
    name: engineWords[condition ?? ''],
    retries,
    nameAt: conditionAt,
    nameSaid: policy.fields.get('condition') ?? null,
    retriesAt: pathOf(policy, 'max_attempts'),
    retriesSaid: policy.fields.get('max_attempts') ?? null,
  };
  if (asked.name !== 'on-failure' && retries > 0) {
    return notes.error(
      asked.retriesAt,
      `needs condition on-failure: an engine refuses a count beside ${condition || 'any'}, only a Swarm takes it (translate with runBy (--run-by) swarm)`,
    );
  }
  return dockerPolicy(asked, notes);
};

/** What docker compose makes of a condition. It takes the engine's own words beside those of a Swarm. */
const engineWords = {
  '': 'always',
  none: 'no',
  'on-failure': 'on-failure',
  any: 'always',
  no: 'no',
  always: 'always',
  'unless-stopped': 'unless-stopped',
} as const;

const composeConditions = /* @__PURE__ */ Object.keys(engineWords) as ReadonlyArray<keyof typeof engineWords>;

/** A file may say it as a text, of which both runners make a number. */
const attemptsIn = (policy: Section, notes: Notes): number | undefined => {
  const said = policy.fields.get('max_attempts');
  return typeof said === 'string' && /^\d{1,15}$/.test(said) ? Number(said) : countIn(policy, 'max_attempts', notes);
};

// ---------------------------------------------------------------------------
// docker stack deploy
// ---------------------------------------------------------------------------

const bySwarm = (
  section: Section,
  deploy: Section | undefined,
  policy: Section | undefined,
  notes: Notes,
): RestartPolicyInput | undefined => {
  // A task of a job that ends well is done, whatever the condition.
  const mode = deploy?.fields.get('mode');
  const isJob = mode === 'replicated-job' || mode === 'global-job';
  if (policy === undefined) return byRestart(section, isJob, notes);
  tellOfRestart(section, notes);
  const condition = askedIn(policy, 'condition', wordIn(policy, 'condition', swarmConditions, notes) || undefined);
  return swarmPolicy(
    {
      condition: isJob && condition.value !== 'none' ? { ...condition, value: 'on-failure' } : condition,
      delay: askedIn(policy, 'delay', goSpanIn(policy, 'delay', notes)),
      maxAttempts: askedIn(policy, 'max_attempts', attemptsIn(policy, notes)),
      window: askedIn(policy, 'window', goSpanIn(policy, 'window', notes)),
    },
    notes,
  );
};

/** What docker stack deploy makes of `restart`, where there is no policy. */
const byRestart = (section: Section, isJob: boolean, notes: Notes): RestartPolicyInput | undefined => {
  const asked = restartOf(section, notes);
  if (asked === undefined) return undefined;
  refuseRetries(asked, notes);
  const { name, retries, nameAt: at, nameSaid: said } = asked;
  if ((name === 'no' || name === '') && !isJob) {
    notes.loss(
      at,
      said,
      'docker stack deploy says nothing to Swarm then, and Swarm restarts whatever ends, after 5s; so it is here. For no restarts write ' +
        'deploy.restart_policy with condition none.',
    );
  }
  return swarmPolicy(
    {
      condition: { value: name === 'on-failure' || isJob ? 'on-failure' : 'any', at, said },
      delay: { value: undefined, at, said },
      maxAttempts: { value: retries, at, said },
      window: { value: undefined, at, said },
    },
    notes,
  );
};

// ---------------------------------------------------------------------------
// what else a service says
// ---------------------------------------------------------------------------

const tellOfHealth = (section: Section, runBy: ComposeRunner, notes: Notes): void => {
  const check = section.fields.get('healthcheck');
  if (typeof check !== 'object' || check === null) return;
  const { disable, test } = check as { readonly disable?: unknown; readonly test?: unknown };
  if (disable === true || (Array.isArray(test) ? test[0] : test) === 'NONE') return;
  notes.loss(
    'healthcheck',
    check,
    runBy === 'swarm'
      ? 'The host makes the check here, at its own pace, and reports the verdict; what it reports as unhealthy is restarted, as a Swarm does.'
      : 'Docker marks a container as unhealthy and lets it run. Here the host makes the check, and what it reports as unhealthy is ' +
          'restarted: to keep it running, report no health.',
  );
};

const tellOfDependencies = (section: Section, notes: Notes): void => {
  const dependencies = section.fields.get('depends_on');
  if (typeof dependencies !== 'object' || dependencies === null || Array.isArray(dependencies)) return;
  for (const [name, dependency] of Object.entries(dependencies)) {
    if ((dependency as { readonly restart?: unknown } | null)?.restart !== true) continue;
    notes.loss(
      `depends_on.${name}.restart`,
      true,
      `When a person restarts ${name} with docker compose, this service is restarted, too. Here each instance is restarted by itself.`,
    );
  }
};
