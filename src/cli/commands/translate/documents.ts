/**
 * Systems whose files are documents: where in them stands what is restarted by itself, and what it is called.
 */
import { left } from '../../../either.js';
import {
  type ComposeRunner,
  fromCompose,
  fromDocker,
  fromEcs,
  fromFly,
  fromKubernetes,
  fromNomad,
  fromPm2,
  fromPodman,
  fromSwarm,
  type Translated,
  type Translation,
} from '../../../translate.js';
import { isObject, valueAt } from './unit.js';

type Path = ReadonlyArray<PropertyKey>;

/** One thing in a document. */
export interface Found {
  /** Empty: the document is nothing else. */
  readonly name: string;
  readonly path: Path;
  readonly translated: Translated<Translation>;
}

/** All of a document; a text says why there is nothing in it, `null` that it is none of this system's, and may stand beside. */
export type Finder = (document: unknown) => ReadonlyArray<Found> | string | null;

/** One, or an array: each item with its path. */
const itemsOf = (u: unknown): ReadonlyArray<{ readonly item: unknown; readonly path: Path }> =>
  Array.isArray(u) ? u.map((item: unknown, index) => ({ item, path: [index] })) : [{ item: u, path: [] }];

const textAt = (u: unknown, ...path: Path): string | undefined => {
  const value = valueAt(u, path);
  return typeof value === 'string' && value !== '' ? value : undefined;
};

// ---------------------------------------------------------------------------
// Docker, Podman, Swarm
// ---------------------------------------------------------------------------

/** What `inspect` prints, whole or from some depth on, or the policy itself. */
const inspected =
  (translate: (given: unknown) => Translated<Translation>, within: Path, nameAt: Path): Finder =>
  (document) =>
    itemsOf(document).map(({ item, path }, index) => {
      const depth = within.findIndex((step) => isObject(item) && Object.hasOwn(item, step));
      const inside = depth < 0 ? [] : within.slice(depth);
      const name = textAt(item, ...nameAt)?.replace(/^\//, '') ?? (path.length === 0 ? '' : `[${index}]`);
      return {
        name: depth === 0 ? name : '',
        path: [...path, ...inside],
        translated: translate(depth < 0 ? item : (valueAt(item, inside) ?? {})),
      };
    });

export const findDocker = inspected(fromDocker, ['HostConfig', 'RestartPolicy'], ['Name']);
export const findPodman = inspected(fromPodman, ['HostConfig', 'RestartPolicy'], ['Name']);
export const findSwarm = inspected(fromSwarm, ['Spec', 'TaskTemplate', 'RestartPolicy'], ['Spec', 'Name']);

// ---------------------------------------------------------------------------
// Compose
// ---------------------------------------------------------------------------

export const findCompose =
  (runBy: ComposeRunner | undefined): Finder =>
  (document) => {
    const services = valueAt(document, ['services']);
    const included = valueAt(document, ['include']) === undefined ? [] : [unread];
    if (!isObject(services)) return included.length > 0 ? included : 'has no services';
    return [
      ...Object.entries(services).map(([name, service]) => ({
        name,
        path: ['services', name],
        translated: fromCompose(service ?? {}, runBy === undefined ? {} : { runBy }),
      })),
      ...included,
    ];
  };

/** Other files, whose services would be missed in silence. */
const unread: Found = {
  name: '',
  path: [],
  translated: left([
    { field: 'include', message: 'include is not read here: docker compose config prints the services of all files' },
  ]),
};

// ---------------------------------------------------------------------------
// Kubernetes
// ---------------------------------------------------------------------------

const podAt: Readonly<Record<string, Path>> = {
  Pod: ['spec'],
  Job: ['spec', 'template', 'spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
  Deployment: ['spec', 'template', 'spec'],
  StatefulSet: ['spec', 'template', 'spec'],
  DaemonSet: ['spec', 'template', 'spec'],
  ReplicaSet: ['spec', 'template', 'spec'],
  ReplicationController: ['spec', 'template', 'spec'],
};

export const findKubernetes = (document: unknown): ReadonlyArray<Found> | null => {
  const kind = textAt(document, 'kind');
  if (kind?.endsWith('List') === true) {
    const items = valueAt(document, ['items']);
    if (!Array.isArray(items)) return null;
    // A list of the API's own (PodList) leaves it to its name of what kind its items are.
    const ofItems = kind === 'List' ? {} : { kind: kind.slice(0, -'List'.length) };
    return items.flatMap((item: unknown, index) =>
      (findKubernetes(isObject(item) ? { ...ofItems, ...item } : item) ?? []).map((found) => ({
        ...found,
        path: ['items', index, ...found.path],
      })),
    );
  }
  const within = kind === undefined ? [] : podAt[kind];
  // Services, ConfigMaps and the like stand in the same files, and have nothing to restart.
  if (within === undefined) return null;
  const name = kind === undefined ? '' : `${kind} ${textAt(document, 'metadata', 'name') ?? ''}`.trim();
  const containers = containersOf(valueAt(document, within));
  // What has no container to be named is for the translation to refuse.
  if (containers.length === 0) return [{ name, path: [], translated: fromKubernetes(document) }];
  return containers.map((container) => ({
    name: containers.length === 1 ? name : `${name} ${container}`.trim(),
    path: [],
    translated: fromKubernetes(document, { container }),
  }));
};

/** Init containers that stay, too: they are restarted like the others. */
const containersOf = (pod: unknown): ReadonlyArray<string> => {
  const namesAt = (key: string, isMeant: (container: unknown) => boolean): ReadonlyArray<string> => {
    const containers = valueAt(pod, [key]);
    if (!Array.isArray(containers)) return [];
    return containers.filter(isMeant).flatMap((container) => textAt(container, 'name') ?? []);
  };
  return [
    ...namesAt('containers', () => true),
    ...namesAt('initContainers', (container) => textAt(container, 'restartPolicy') === 'Always'),
  ];
};

// ---------------------------------------------------------------------------
// Nomad
// ---------------------------------------------------------------------------

/** A block of HCL's JSON form: an object by labels, or arrays of such objects. */
const labelled = (u: unknown, path: Path): ReadonlyArray<{ label: string; block: unknown; path: Path }> => {
  if (Array.isArray(u)) return u.flatMap((each: unknown, index) => labelled(each, [...path, index]));
  if (!isObject(u)) return [];
  return Object.entries(u).flatMap(([label, block]) =>
    Array.isArray(block)
      ? block.map((each: unknown, index) => ({ label, block: each, path: [...path, label, index] }))
      : [{ label, block, path: [...path, label] }],
  );
};

export const findNomad: Finder = (document) => {
  const api = valueAt(document, ['Job']) ?? document;
  if (Array.isArray(valueAt(api, ['TaskGroups']))) {
    return apiTasks(api, valueAt(document, ['Job']) === undefined ? [] : ['Job']);
  }
  const jobs = labelled(valueAt(document, ['job']), ['job']);
  const tasks = jobs.flatMap(({ label: job, block, path }) =>
    labelled(valueAt(block, ['group']), [...path, 'group']).flatMap((group) =>
      labelled(valueAt(group.block, ['task']), [...group.path, 'task']).map((task) => ({
        name: `${job}.${group.label}.${task.label}`,
        // Of a block that is merged from two, the task's is the nearer.
        path: valueAt(task.block, ['restart']) === undefined ? group.path : task.path,
        translated: fromNomad(hclTask(block, group.block, task.block)),
      })),
    ),
  );
  return tasks.length > 0 ? tasks : 'has no job with a group and a task, as HCL in JSON or as the API has it';
};

const only = (u: unknown): unknown => (Array.isArray(u) && u.length === 1 ? u[0] : u);

const merged = (group: unknown, task: unknown): unknown => {
  const [ofGroup, ofTask] = [only(group), only(task)];
  if (ofTask === undefined || (isObject(ofGroup) && !isObject(ofTask))) return ofGroup ?? ofTask;
  return isObject(ofGroup) && isObject(ofTask) ? { ...ofGroup, ...ofTask } : ofTask;
};

const hclTask = (job: unknown, group: unknown, task: unknown): object => {
  const services = [valueAt(task, ['service']), valueAt(group, ['service'])].flatMap((service) => service ?? []);
  const checks = services.flatMap((service) => [service, ...[valueAt(service, ['check']) ?? []].flat()]);
  const check = checks.map((each) => valueAt(each, ['check_restart'])).find((each) => each !== undefined);
  return {
    type: valueAt(job, ['type']),
    restart: merged(valueAt(group, ['restart']), valueAt(task, ['restart'])),
    lifecycle: only(valueAt(task, ['lifecycle'])),
    check_restart: only(check),
  };
};

const apiTasks = (job: unknown, at: Path): ReadonlyArray<Found> =>
  itemsOf(valueAt(job, ['TaskGroups'])).flatMap(({ item: group, path: groupAt }) =>
    itemsOf(valueAt(group, ['Tasks']) ?? []).map(({ item: task, path }) => {
      const services = [valueAt(task, ['Services']), valueAt(group, ['Services'])].flatMap((each) => each ?? []);
      const checks = services.flatMap((service) => [service, ...[valueAt(service, ['Checks']) ?? []].flat()]);
      const own = valueAt(task, ['RestartPolicy']) ?? undefined;
      return {
        name: [job, group, task].map((each) => textAt(each, 'ID') ?? textAt(each, 'Name') ?? '?').join('.'),
        path: [...at, 'TaskGroups', ...groupAt, ...(own === undefined ? [] : ['Tasks', ...path])],
        translated: fromNomad({
          Type: valueAt(job, ['Type']),
          RestartPolicy: merged(valueAt(group, ['RestartPolicy']) ?? undefined, own),
          Lifecycle: valueAt(task, ['Lifecycle']),
          CheckRestart: checks.map((each) => valueAt(each, ['CheckRestart'])).find((each) => isObject(each)),
        }),
      };
    }),
  );

// ---------------------------------------------------------------------------
// Fly, ECS, pm2
// ---------------------------------------------------------------------------

/** A fly.toml, or a Machine as the API has it, or its config; or several Machines, as `fly machine list --json` prints them. */
export const findFly: Finder = (document) => {
  if (Array.isArray(document)) return document.flatMap((item: unknown, index) => machineIn(item, [index]));
  if (isObject(valueAt(document, ['config']))) return machineIn(document, []);
  const restart = valueAt(document, ['restart']) ?? [];
  const groups = groupsOf(document, restart);
  if (!Array.isArray(restart) || Math.max(groups.length, restart.length) < 2) {
    return [{ name: textAt(document, 'app') ?? '', path: ['restart'], translated: fromFly(sectionsOf(restart)) }];
  }
  if (groups.length === 0) return 'has several [[restart]] sections, none of which names the processes that it is for';
  return groups.map((processGroup) => ({
    name: processGroup,
    path: ['restart'],
    translated: restart.some((section) => isFor(section, processGroup))
      ? fromFly(restart, { processGroup })
      : fromFly(sectionsOf([])),
  }));
};

const machineIn = (machine: unknown, path: Path): ReadonlyArray<Found> => {
  const restart = valueAt(machine, ['config', 'restart']) ?? {};
  return [{ name: textAt(machine, 'name') ?? '', path: [...path, 'config', 'restart'], translated: fromFly(restart) }];
};

/** A section that names no process group is for all that have none of their own. */
const isFor = (section: unknown, processGroup: string): boolean => {
  const processes = valueAt(section, ['processes']);
  return !Array.isArray(processes) || processes.length === 0 || processes.includes(processGroup);
};

/** Without a section Fly does what an empty one says. */
const sectionsOf = (restart: unknown): unknown => (Array.isArray(restart) && restart.length === 0 ? {} : restart);

const groupsOf = (document: unknown, restart: unknown): ReadonlyArray<string> => {
  const named = Array.isArray(restart)
    ? restart.flatMap((section) => {
        const processes = valueAt(section, ['processes']);
        return Array.isArray(processes) ? processes.filter((name) => typeof name === 'string') : [];
      })
    : [];
  const processes = valueAt(document, ['processes']);
  return [...new Set([...(isObject(processes) && named.length > 0 ? Object.keys(processes) : []), ...named])];
};

/** A task definition, what `aws ecs describe-task-definition` prints, a template of CloudFormation, or container definitions. */
export const findEcs: Finder = (document) => {
  const resources = valueAt(document, ['Resources']);
  const templates = isObject(resources) ? Object.keys(resources).map((name) => ['Resources', name, 'Properties']) : [];
  const found = [['taskDefinition', 'containerDefinitions'], ['containerDefinitions'], ['ContainerDefinitions']]
    .concat(templates.map((path) => [...path, 'ContainerDefinitions']))
    .flatMap((path) => {
      const containers = valueAt(document, path);
      return Array.isArray(containers) ? containersOfEcs(containers, path) : [];
    });
  if (found.length > 0) return found;
  if (Array.isArray(document)) return containersOfEcs(document, []);
  const isContainer = ['image', 'Image', 'restartPolicy', 'RestartPolicy'].some(
    (key) => valueAt(document, [key]) !== undefined,
  );
  return isContainer
    ? [{ name: textAt(document, 'name') ?? '', path: [], translated: fromEcs(document) }]
    : 'has no container definitions';
};

const containersOfEcs = (containers: ReadonlyArray<unknown>, path: Path): ReadonlyArray<Found> =>
  containers.map((container, index) => ({
    name: textAt(container, 'name') ?? textAt(container, 'Name') ?? `[${index}]`,
    path: [...path, index],
    translated: fromEcs(container),
  }));

/** An ecosystem file: its apps, an array of them, or one; what `pm2 save` wrote, or `pm2 jlist` prints. */
export const findPm2: Finder = (document) => {
  const apps = valueAt(document, ['apps']);
  const base: Path = apps === undefined ? [] : ['apps'];
  const isApp = ['script', 'exec', 'cmd', 'pm2_env', 'pm_exec_path'].some(
    (key) => valueAt(document, [key]) !== undefined,
  );
  if (apps === undefined && isObject(document) && !isApp) return 'has no apps';
  return itemsOf(apps ?? document).map(({ item, path }, index) => {
    // Of a process pm2 prints what its application says in there.
    const within = isObject(valueAt(item, ['pm2_env'])) ? ['pm2_env'] : [];
    return {
      name: textAt(item, 'name') ?? textAt(item, 'script') ?? `[${index}]`,
      path: [...base, ...path, ...within],
      translated: fromPm2(valueAt(item, within)),
    };
  });
};
