/**
 * The picture and the table of docs/states.md, drawn from the decision itself; and the decision's table in ARCHITECTURE.md,
 * from the header of src/decide.ts.
 *
 *   node --import ./scripts/typescript.mjs scripts/state-diagram.mjs [--check] [DIRECTORY]
 *
 * It follows `decide` from the initial status through everything that can happen in a small world, and writes down
 * which kind of status led to which, and for what reason. By hand are only the names: of the kinds of status, and of
 * the reasons in few words, for a diagram has little room. `--check` writes nothing, and exits with 1 when a file does
 * not say what would be written. DIRECTORY holds the three files; by default it is this project.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { instance as loadGraphviz } from '@viz-js/viz';
import {
  attemptFailed,
  decide,
  deleteRequested,
  initialStatus,
  instanceReset,
  manuallyStarted,
  manuallyStopped,
  observed,
  policyUpdated,
  restartModes,
  supervisionPaused,
  supervisionResumed,
} from 'restart-policy';

/** @typedef {import('restart-policy').BlockedReason} BlockedReason */
/** @typedef {import('restart-policy').Decision} Decision */
/** @typedef {import('restart-policy').RestartEvent} RestartEvent */
/** @typedef {import('restart-policy').RestartPolicy} RestartPolicy */
/** @typedef {import('restart-policy').RestartReason} RestartReason */
/** @typedef {import('restart-policy').RestartStatus} RestartStatus */
/** @typedef {keyof typeof kinds} Kind */
/** @typedef {(from: Kind, to: Kind) => ReadonlyArray<RestartReason>} Arrows */

// ---------------------------------------------------------------------------
// names
// ---------------------------------------------------------------------------

/** What people tell apart, in the order in which it is drawn. */
const kinds = {
  Supervised: 'supervised',
  Waiting: 'waits for the backoff',
  Limit: 'limit reached',
  Cooling: 'cools down',
  Paused: 'paused by a person',
  Stopped: 'stopped by a person',
};

const order = /** @type {ReadonlyArray<Kind>} */ (Object.keys(kinds));

/** @type {Readonly<Record<BlockedReason, Kind>>} */
const kindOfBlocked = { manual_stop: 'Stopped', max_attempts_exceeded: 'Limit', paused: 'Paused' };

/** @type {(status: RestartStatus) => Kind} */
const kindOf = ({ nextAttemptAt, blockedReason }) => {
  if (blockedReason === 'max_attempts_exceeded' && nextAttemptAt !== null) return 'Cooling';
  if (blockedReason !== null) return kindOfBlocked[blockedReason];
  return nextAttemptAt === null ? 'Supervised' : 'Waiting';
};

/**
 * What the diagram says for a reason; one that is missing here stands for itself.
 *
 * @type {Readonly<Partial<Record<RestartReason, string>>>}
 */
const labels = {
  restart_after_exit: 'attempt',
  restart_after_unhealthy: 'attempt',
  restart_after_start_timeout: 'attempt',
  attempt_failed: 'attempt failed',
  waiting_for_backoff: 'too soon',
  max_attempts_exceeded: 'used up',
  cooling_down: 'used up',
  clean_exit: 'well',
  recovered: 'well',
  stable: 'well',
  stopped_by_rule: 'rule',
  policy_updated: 'new policy',
  manual_start: 'start',
  reset: 'start',
  pause_recorded: 'pause',
  resumed: 'resume',
  manual_stop_recorded: 'stop',
  delete_requested: 'stop',
};

// ---------------------------------------------------------------------------
// the small world: every decision falls at 0, and what time passes moves what is remembered
// ---------------------------------------------------------------------------

const backoff = 2;
const stableAfter = 3;
/** Shorter than the wait, so that a wait can follow it. */
const cooldown = 1;
/** As long as a run is stable, so that both fall due. */
const startTimeout = 3;
/** What lies further back than this is told apart by no decision. */
const oldest = -(backoff + stableAfter);

/** @type {RestartPolicy['rules'] & {}} */
const rules = [
  { exitCodes: [2], action: 'stop' },
  { exitCodes: [3], action: 'restart_uncounted' },
];

/** @type {ReadonlyArray<RestartPolicy>} */
const policies = restartModes.flatMap((mode) => [
  ...[0, 1, 2].map((maxAttempts) => ({ mode, backoff, maxAttempts, stableAfter })),
  ...[{}, { cooldown }].map((limit) => ({ mode, backoff, maxAttempts: 1, stableAfter, startTimeout, rules, ...limit })),
]);
const mostAttempts = 3;

const begins = [null, ...Array.from({ length: 1 - oldest }, (_, ago) => -ago)];

/** @type {ReadonlyArray<RestartEvent>} */
const events = [
  manuallyStopped,
  deleteRequested,
  manuallyStarted,
  instanceReset,
  supervisionPaused,
  supervisionResumed,
  policyUpdated,
  { _tag: 'PolicyUpdated', attemptUnderWay: true },
  ...Array.from({ length: mostAttempts + 1 }, (_, index) => attemptFailed(index)),
  ...begins.flatMap((startedAt) => [
    ...[0, 1, 2, 3, null].flatMap((exitCode) =>
      [null, 0].map((stoppedAt) => observed({ state: 'stopped', startedAt, stoppedAt, exitCode, health: 'unknown' })),
    ),
    .../** @type {const} */ (['unknown', 'healthy', 'unhealthy']).map((health) =>
      observed({ state: 'running', startedAt, stoppedAt: null, exitCode: null, health }),
    ),
    observed({ state: 'initializing', startedAt, stoppedAt: null, exitCode: null, health: 'unknown' }),
  ]),
];

/** @type {(at: number | null) => number | null} one unit later */
const aged = (at) => (at === null ? null : Math.max(oldest, at - 1));

/** @type {(status: RestartStatus) => RestartStatus} */
const older = (status) => ({
  ...status,
  lastAttemptAt: aged(status.lastAttemptAt),
  nextAttemptAt: aged(status.nextAttemptAt),
});

/** @type {(status: RestartStatus) => RestartStatus} counts above every limit are one count */
const within = (status) => ({ ...status, attempts: Math.min(status.attempts, mostAttempts) });

/**
 * Calls `onDecision` for every decision from every status that can be reached.
 *
 * @type {(onDecision: (before: RestartStatus, decision: Decision) => void) => void}
 */
const explore = (onDecision) => {
  /** @type {Set<string>} */
  const seen = new Set();
  /** @type {Array<{ readonly policy: RestartPolicy, readonly status: RestartStatus }>} */
  const queue = [];
  /** @type {(policy: RestartPolicy, status: RestartStatus) => void} */
  const visit = (policy, status) => {
    const key = JSON.stringify([policy, status]);
    if (seen.has(key)) return;
    seen.add(key);
    queue.push({ policy, status });
  };
  for (const policy of policies) visit(policy, initialStatus);
  // The queue grows while it is read.
  for (const { policy, status } of queue) {
    for (const event of events) {
      for (const next of event._tag === 'PolicyUpdated' ? policies : [policy]) {
        const decision = decide(next, status, event, 0);
        onDecision(status, decision);
        visit(next, within(decision.status));
      }
    }
    visit(policy, older(status));
  }
};

// ---------------------------------------------------------------------------
// drawing
// ---------------------------------------------------------------------------

/** @type {() => Arrows} */
const findArrows = () => {
  /** @type {Map<string, Set<RestartReason>>} */
  const reasons = new Map();
  explore((before, { status, actions, reason }) => {
    const [from, to] = [kindOf(before), kindOf(status)];
    // What leaves the kind as it is, and does nothing, is no news to anybody.
    if (from === to && actions.length === 0) return;
    const arrow = `${from} ${to}`;
    reasons.set(arrow, (reasons.get(arrow) ?? new Set()).add(reason));
  });
  return (from, to) => [...(reasons.get(`${from} ${to}`) ?? [])].sort();
};

/** All the arrows, those from a kind to itself last: what is drawn later covers what was drawn before. */
const pairs = order
  .flatMap((from) => order.map((to) => ({ from, to })))
  .sort((a, b) => Number(a.from === a.to) - Number(b.from === b.to));

/** What no person holds: drawn within one frame, from which what a person does to any of them is one arrow. */
const unheld = /** @type {ReadonlyArray<Kind>} */ (['Supervised', 'Waiting', 'Limit', 'Cooling']);

/** In two lines where it is long. @type {(said: ReadonlyArray<string>) => string} */
const label = (said) => {
  const half = Math.floor(said.length / 2);
  const isLong = said.join(', ').length > 20;
  const lines = isLong ? [`${said.slice(0, half).join(', ')},`, said.slice(half).join(', ')] : [said.join(', ')];
  return lines.map((line) => ` ${line} `).join('\\n');
};

/** For Graphviz. @type {(arrows: Arrows) => string} */
const graph = (arrows) => {
  /** @type {(from: Kind, to: Kind) => ReadonlyArray<string>} */
  const saidOf = (from, to) => [...new Set(arrows(from, to).map((reason) => labels[reason] ?? reason))].sort();
  /** @type {(to: Kind) => boolean} */
  const isOneArrow = (to) => !unheld.includes(to) && new Set(unheld.map((from) => saidOf(from, to).join())).size === 1;
  /** @type {(pair: { from: Kind, to: Kind }) => ReadonlyArray<string>} */
  const draw = ({ from, to }) => {
    const said = saidOf(from, to);
    if (said.length === 0) return [];
    if (!unheld.includes(from) || !isOneArrow(to)) return [`${from} -> ${to} [label="${label(said)}"]`];
    // Out of the frame, on the side of what is drawn in it last.
    return from === unheld.at(-1) ? [`${from} -> ${to} [ltail=cluster_unheld label="${label(said)}"]`] : [];
  };
  /** @type {(pair: { from: Kind, to: Kind }) => boolean} */
  const isWithin = ({ from, to }) => unheld.includes(from) && unheld.includes(to);
  /** @type {(drawn: ReadonlyArray<Kind>) => ReadonlyArray<string>} */
  const names = (drawn) => drawn.map((kind) => `${kind} [label="${kinds[kind]}"]`);
  const [first] = unheld;
  return [
    'digraph { rankdir=LR; compound=true; nodesep=0.5; ranksep=0.6; bgcolor=transparent; fontname=Helvetica; fontsize=11',
    'node [shape=box style=rounded fontname=Helvetica fontsize=12 height=0.4 margin="0.18,0.05"]',
    'edge [fontname=Helvetica fontsize=10 arrowsize=0.7]',
    'subgraph cluster_unheld { label="no person holds it"; begin [shape=point width=0.12]',
    ...names(unheld),
    `begin -> ${first}`,
    ...pairs.filter(isWithin).flatMap(draw),
    '}',
    ...names(order.filter((kind) => !unheld.includes(kind))),
    ...pairs.filter((pair) => !isWithin(pair)).flatMap(draw),
    '}',
  ].join('\n');
};

/** Light and dark, as whoever looks at it prefers. */
const style = [
  'svg{--ground:#fff;--ink:#1f2328;--line:#59636e;background:var(--ground)}',
  '@media (prefers-color-scheme:dark){svg{--ground:#0d1117;--ink:#f0f6fc;--line:#9198a1}}',
  'text{fill:var(--ink);font-family:system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,sans-serif}',
  // An arrow gives way to the words on it.
  'text{paint-order:stroke;stroke:var(--ground);stroke-width:4px}',
  'path,polygon,ellipse{fill:none;stroke:var(--line)}.edge polygon,ellipse{fill:var(--line)}',
].join('');

/** @type {(arrows: Arrows) => Promise<string>} */
const picture = async (arrows) => {
  const drawn = (await loadGraphviz()).renderString(graph(arrows), { format: 'svg' });
  const colourless = drawn.replace(/ (?:fill|stroke|font-family)="[^"]*"/g, '').replace(/<title>.*<\/title>\n/g, '');
  const [, size = '', shapes = ''] = /<svg (width[^>]*) xmlns=[^>]*>\n(<g[\s\S]*)$/.exec(colourless) ?? [];
  if (shapes === '') throw new Error('Graphviz drew nothing that is known here');
  const opening = `<svg xmlns="http://www.w3.org/2000/svg" ${size.replace('\n', '')} role="img">`;
  return `${opening}<title>What leads from one kind of status to another</title><style>${style}</style>\n${shapes}`;
};

/** @type {(arrows: Arrows) => string} */
const table = (arrows) => {
  const lines = pairs.flatMap(({ from, to }) => {
    const reasons = arrows(from, to).map((reason) => `\`${reason}\``);
    return reasons.length === 0 ? [] : [`| ${kinds[from]} | ${kinds[to]} | ${reasons.join(', ')} |`];
  });
  return ['| from | to | for the reason |', '|---|---|---|', ...lines].join('\n');
};

/** What stands in the header of src/decide.ts between these two lines. @type {() => string} */
const decisionTable = () => {
  const source = readFileSync(new URL('../src/decide.ts', import.meta.url), 'utf8');
  const lines = source.split('\n').map((line) => line.replace(/^ \* ?/, ''));
  const [from, to] = [lines.indexOf('An observation:'), lines.indexOf('Three conventions carry the guarantees:')];
  if (from < 0 || to < from) throw new Error('src/decide.ts does not have its table where it is looked for');
  return lines.slice(from, to).join('\n').trim();
};

// ---------------------------------------------------------------------------
// files
// ---------------------------------------------------------------------------

const begin = '<!-- drawn by `npm run diagram`; edits are lost -->';
const end = '<!-- end -->';

/** What a file holds between the marks gives way. @type {(text: string, drawn: string) => string} */
const replaceDrawn = (text, drawn) => {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`there is no place for it: the lines ${begin} and ${end} are missing`);
  return `${text.slice(0, from + begin.length)}\n\n${drawn}\n\n${text.slice(to)}`;
};

const main = async () => {
  const isCheck = process.argv.includes('--check');
  const [given] = process.argv.slice(2).filter((argument) => argument !== '--check');
  const directory = given ?? fileURLToPath(new URL('..', import.meta.url));
  const arrows = findArrows();
  const svg = await picture(arrows);
  /** @type {Readonly<Record<string, (text: string) => string>>} */
  const files = {
    'docs/states.svg': () => svg,
    'docs/states.md': (text) => replaceDrawn(text, table(arrows)),
    'ARCHITECTURE.md': (text) => replaceDrawn(text, decisionTable()),
  };
  for (const [name, redrawn] of Object.entries(files)) {
    const file = join(directory, name);
    const text = readFileSync(file, 'utf8');
    const wanted = redrawn(text);
    if (text === wanted) continue;
    if (isCheck) {
      console.error(`${name} does not show what the decision does; npm run diagram draws it anew`);
      process.exitCode = 1;
    } else {
      writeFileSync(file, wanted);
      console.log(`drawn anew: ${name}`);
    }
  }
};

await main();
