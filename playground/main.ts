/**
 * The page: what a person puts in is the state, everything shown follows from it, and its address carries it.
 */

import type { RestartPolicy } from 'restart-policy';
import { spanText } from '../src/span-text.js';
import { createAddress } from './address.js';
import { copyText } from './copy.js';
import { byId, make, write } from './dom.js';
import { readLink, writeLink } from './link.js';
import { type Outcome, outcomeOf } from './outcome.js';
import { createPeopleForm } from './people-form.js';
import { createPolicyForm } from './policy-form.js';
import { readPolicy } from './policy-input.js';
import { firstState, presetOf } from './presets.js';
import { type Lane, showGist, showPicture, showSummary, spokenSummary } from './results.js';
import { type PolicyText, type Side, type State, sides } from './state.js';
import { createWords } from './words.js';
import { createWorkloadForm } from './workload-form.js';
import { readWorkload, type Simulated } from './workload-input.js';

let { state, unknown } = readLink(location.hash);

// ---------------------------------------------------------------------------
// the state, and its way into the page
// ---------------------------------------------------------------------------

const address = createAddress((hash) => {
  ({ state, unknown } = readLink(hash));
  showForms();
  schedule();
});

const change = (next: State, edit: string | null): void => {
  state = next;
  unknown = [];
  address.write(writeLink(state), edit);
  schedule();
};

const setPolicy = (side: Side, policy: PolicyText, edit: string | null): void =>
  change({ ...state, [side]: policy }, edit);

const policyForm = createPolicyForm(setPolicy);
const workloadForm = createWorkloadForm((workload, edit) => change({ ...state, workload }, edit));
const peopleForm = createPeopleForm((acts, edit) => change({ ...state, acts }, edit));
const words = createWords((side, policy) => {
  setPolicy(side, policy, null);
  showForms();
});

const showForms = (): void => {
  policyForm.show(state);
  workloadForm.show(state.workload);
  peopleForm.show(state.acts);
  write(byId('compare'), state.b === null ? 'Compare' : 'Remove policy B');
};

/** Once for each frame, however much was typed. */
let isScheduled = false;
const schedule = (): void => {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    redraw();
  });
};

// ---------------------------------------------------------------------------
// what follows from the state
// ---------------------------------------------------------------------------

interface Right {
  readonly policy: RestartPolicy;
  /** Whose it is; blank: nobody's. */
  readonly name: string;
}

/** What was last right of each part, which is shown while the part is wrong; null: it never was. */
const right: { [S in Side]: Right | null } & { simulated: Simulated | null } = { a: null, b: null, simulated: null };
let lanes: ReadonlyArray<Lane> = [];
let picture = '';

const read = (side: Side, text: PolicyText): ReadonlyArray<string> => {
  const { policy, errors } = readPolicy(text);
  policyForm.tell(side, errors);
  words.show(side, policy);
  if (policy !== null) right[side] = { policy, name: presetOf(text)?.name ?? '' };
  return policy === null ? [`policy ${side.toUpperCase()}`] : [];
};

/** Takes what is right of the state, and says where it is wrong. */
const readState = (): ReadonlyArray<string> => {
  const ofPolicies = [...read('a', state.a), ...(state.b === null ? [] : read('b', state.b))];
  if (state.b === null) right.b = null;
  words.has('b', state.b !== null);
  const { simulated, errors } = readWorkload(state, right.b?.policy ?? null);
  workloadForm.tell(errors);
  peopleForm.tell(errors);
  if (simulated !== null) right.simulated = simulated;
  return simulated === null ? [...ofPolicies, 'the workload'] : ofPolicies;
};

const redraw = (): void => {
  const from = performance.now();
  const problems = readState();
  const shown = sides.flatMap((side) => (right[side] === null ? [] : [{ side, ...right[side] }]));
  const outcome =
    right.simulated === null || shown.length === 0
      ? null
      : outcomeOf(
          shown.map(({ policy }) => policy),
          right.simulated,
        );
  if (outcome !== null && typeof outcome !== 'string') {
    lanes = outcome.timelines.flatMap((timeline, index) => {
      const { side, name } = shown[index] ?? { side: 'a', name: '' };
      return [{ side: state.b === null ? null : side, name, timeline }];
    });
    draw();
  }
  byId('shown').classList.toggle('stale', problems.length > 0 || typeof outcome === 'string');
  notice(problems, outcome);
  announce(problems.length > 0 ? `Something is wrong with ${problems.join(' and ')}.` : spokenSummary(lanes));
  // For whoever asks how long it took.
  performance.clearMeasures('redraw');
  performance.measure('redraw', { start: from });
};

const draw = (): void => {
  picture = showPicture(lanes, right.simulated?.title ?? '');
  showSummary(lanes);
  showGist(lanes);
  for (const { side, timeline } of lanes) words.decisions(side ?? 'a', timeline);
};

const notice = (problems: ReadonlyArray<string>, outcome: Outcome | string | null): void => {
  const said = [
    ...(unknown.length === 0
      ? []
      : [`Passed over, for this page does not know it: ${unknown.slice(0, 8).join(', ')}.`]),
    ...(problems.length === 0 ? [] : [`Something is wrong with ${problems.join(' and ')}, see below.`]),
    ...(problems.length > 0 && lanes.length > 0 ? ['Shown is what is right, and what was right before.'] : []),
    ...(typeof outcome === 'string' ? [outcome] : []),
    ...(outcome !== null && typeof outcome !== 'string' && outcome.cutFrom !== null
      ? [
          `Shown is the beginning, ${spanText(outcome.timelines[0]?.summary.for ?? 0)} of ${spanText(outcome.cutFrom)}: ` +
            'so much happens that the whole would take too long to draw.',
        ]
      : []),
  ];
  write(byId('notice'), said.join(' '));
  byId('notice').hidden = said.length === 0;
};

/** Whoever hears the page is told when typing has paused, and nothing twice. */
const pause = 1_000;
let speaking = 0;
let isFirst = true;
const announce = (text: string): void => {
  clearTimeout(speaking);
  // What a page begins with is read, not announced.
  if (!isFirst) speaking = setTimeout(() => write(byId('news'), text), pause);
  isFirst = false;
};

// ---------------------------------------------------------------------------
// the page
// ---------------------------------------------------------------------------

byId('policy').append(policyForm.element);
byId('workload').append(workloadForm.element);
byId('people').append(peopleForm.element);

byId('compare').addEventListener('click', () => {
  change({ ...state, b: state.b === null ? state.a : null }, null);
  showForms();
});
byId('start-over').addEventListener('click', () => {
  change(firstState, null);
  showForms();
});
byId('copy-link').addEventListener('click', () => {
  address.flush();
  copyText(location.href, byId('copied'));
});
byId('save-picture').addEventListener('click', () => {
  const url = URL.createObjectURL(new Blob([picture], { type: 'image/svg+xml' }));
  make('a', { href: url, download: 'restart-policy.svg' }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
});

let width = 0;
new ResizeObserver(() => {
  const now = byId('picture').clientWidth;
  if (now === width) return;
  width = now;
  if (lanes.length > 0) draw();
}).observe(byId('picture'));

showForms();
redraw();
