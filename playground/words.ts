/**
 * The policies in words and as JSON, with what is to be warned of.
 */
import type { RestartPolicy } from 'restart-policy';
import { describePolicy, lintPolicy, withWireNames } from 'restart-policy/describe';
import type { Timeline } from 'restart-policy/simulate';
import { copyText } from './copy.js';
import { createDecisions } from './decisions.js';
import { button, byId, make, write } from './dom.js';
import { jsonOf, policyInJson } from './policy-input.js';
import { type PolicyText, type Side, sideName } from './state.js';

export interface Words {
  /** Shows a policy, or leaves what is shown where it is null because something is wrong with it. */
  readonly show: (side: Side, policy: RestartPolicy | null) => void;
  readonly decisions: (side: Side, timeline: Timeline) => void;
  /** Whether there is such a policy. */
  readonly has: (side: Side, isThere: boolean) => void;
}

export const createWords = (onPaste: (side: Side, policy: PolicyText) => void): Words => {
  const panels = { a: createPanel('a', onPaste), b: createPanel('b', onPaste) };
  byId('words').append(panels.a.element, panels.b.element);
  return {
    show: (side, policy) => panels[side].show(policy),
    decisions: (side, timeline) => panels[side].decisions(timeline),
    has: (side, isThere) => {
      panels[side].element.hidden = !isThere;
    },
  };
};

const createPanel = (side: Side, onPaste: (side: Side, policy: PolicyText) => void) => {
  const name = sideName(side);
  const wrong = make('p', { class: 'error' });
  const sentences = make('p', { class: 'sentences' });
  const warnings = make('ul', { class: 'warnings', 'aria-label': `Warnings of ${name}` });
  const json = make('pre', { role: 'group', 'aria-label': `${name} as JSON` });
  const copied = make('span', { class: 'dim', role: 'status' });
  const copy = button('Copy JSON', `Copy JSON of ${name}`, () => copyText(json.textContent ?? '', copied));

  const pasted = make('textarea', { rows: 6, spellcheck: 'false', 'aria-label': `JSON of another ${name}` });
  const refused = make('p', { class: 'error', role: 'alert' });
  const use = button('Use this JSON', `Use this JSON for ${name}`, () => {
    const read = policyInJson(pasted.value);
    write(refused, typeof read === 'string' ? read : '');
    if (typeof read !== 'string') onPaste(side, read);
  });

  const log = createDecisions(name);
  const element = make(
    'section',
    { class: `panel side-${side}`, 'aria-label': name },
    make('h2', {}, make('span', { class: 'badge' }, side.toUpperCase()), ` ${name} in words`),
    wrong,
    make(
      'div',
      { class: 'body' },
      make('div', {}, sentences, warnings),
      make('div', {}, json, make('div', { class: 'buttons' }, copy, copied)),
    ),
    make('details', {}, make('summary', {}, 'Paste JSON'), pasted, refused, make('div', { class: 'buttons' }, use)),
    log.element,
  );

  return {
    element,
    show: (policy: RestartPolicy | null): void => {
      const isEmpty = policy === null && json.textContent === '';
      element.classList.toggle('empty', isEmpty);
      const before = isEmpty ? '.' : '; this is what was right before.';
      write(wrong, policy === null ? `Something is wrong with its fields${before}` : '');
      if (policy === null) return;
      write(sentences, describePolicy(policy));
      write(json, jsonOf(policy));
      const found = lintPolicy(policy).map(withWireNames);
      warnings.replaceChildren(
        ...found.map(({ code, message, hint }) =>
          make('li', {}, make('strong', {}, make('code', {}, code)), ` ${message} `, make('em', {}, hint)),
        ),
        ...(found.length === 0 ? [make('li', { class: 'none' }, 'Nothing to warn of.')] : []),
      );
    },
    decisions: log.show,
  };
};
