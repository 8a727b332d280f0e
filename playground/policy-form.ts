/**
 * The form of one policy, or of two beside each other: a row for each field, so that they can be compared.
 */
import { restartModes } from 'restart-policy';
import { choice, type ErrorPlace, errorPlace, type Input, make, typed, write } from './dom.js';
import { policyGroups, policyTexts, rulesHint } from './field-texts.js';
import type { Errors } from './policy-input.js';
import { presetOf, presets, presetValue } from './presets.js';
import { createRules } from './rules-form.js';
import { type PolicyField, type PolicyText, type Side, type State, sideName, sides } from './state.js';

export interface PolicyForm {
  readonly element: HTMLElement;
  /** Brings the form to a state. */
  readonly show: (state: State) => void;
  readonly tell: (side: Side, errors: Errors) => void;
}

/** `field`: what was typed into; null: it was chosen, and is an act of its own. */
export type Change = (side: Side, policy: PolicyText, field: string | null) => void;

const inputOf = (field: PolicyField, attributes: Readonly<Record<string, string>>): Input => {
  if (field === 'policy') {
    return choice(
      restartModes.map((mode) => [mode, mode]),
      attributes,
    );
  }
  if (field === 'backoff_from') {
    return choice(
      [
        ['', 'attempt'],
        ['exit', 'exit'],
      ],
      attributes,
    );
  }
  return typed({ ...attributes, placeholder: policyTexts[field].blank });
};

export const createPolicyForm = (onChange: Change): PolicyForm => {
  const columns = { a: createColumn('a', onChange), b: createColumn('b', onChange) };

  const rowOf = (field: PolicyField): HTMLElement => {
    const { unit, hint } = policyTexts[field];
    const row = make(
      'div',
      { class: 'row' },
      make('label', { for: `a.${field}`, id: `name-${field}` }, make('code', {}, field), make('small', {}, unit)),
    );
    for (const side of sides) row.append(columns[side].inputs[field].input);
    row.append(make('p', { class: 'hint', id: `hint-${field}` }, hint));
    for (const side of sides) row.append(columns[side].inputs[field].error.element);
    return row;
  };

  const element = make(
    'div',
    { class: 'policies' },
    make(
      'div',
      { class: 'row heads' },
      make('span', { class: 'name', id: 'name-preset' }, 'Begin with'),
      ...sides.map((side) => columns[side].head),
      ...sides.map((side) => columns[side].note),
    ),
    ...policyGroups.map(([title, fields]) =>
      make('fieldset', {}, make('legend', {}, title), ...fields.map((field) => rowOf(field))),
    ),
    make(
      'fieldset',
      {},
      make('legend', {}, 'Rules'),
      make('p', { class: 'hint' }, rulesHint),
      ...sides.map((side) => columns[side].rules),
    ),
  );

  return {
    element,
    show: ({ a, b }) => {
      element.classList.toggle('compared', b !== null);
      columns.a.show(a);
      columns.b.show(b);
    },
    tell: (side, errors) => columns[side].tell(errors),
  };
};

interface Column {
  readonly head: HTMLElement;
  /** What is to be known of the preset that it is. */
  readonly note: HTMLElement;
  readonly inputs: Readonly<Record<PolicyField, { readonly input: Input; readonly error: ErrorPlace }>>;
  readonly rules: HTMLElement;
  /** null: there is no such policy. */
  readonly show: (policy: PolicyText | null) => void;
  readonly tell: (errors: Errors) => void;
}

const createColumn = (side: Side, onChange: Change): Column => {
  let policy: PolicyText | null = null;
  const change = (fields: Partial<PolicyText>, field: string | null): void => {
    if (policy === null) return;
    policy = { ...policy, ...fields };
    showPreset(policy);
    onChange(side, policy, field === null ? null : `${side}.${field}`);
  };

  const preset = choice([['-1', 'own values'], ...presets.map(({ name }, index) => [String(index), name] as const)], {
    id: `${side}.preset`,
    'aria-labelledby': `name-preset title-${side}`,
  });
  preset.addEventListener('change', () => {
    const chosen = presets[Number(preset.value)];
    if (chosen === undefined) return;
    show(chosen.policy);
    change(chosen.policy, null);
  });
  const head = make(
    'div',
    { class: `side-${side}` },
    make('h3', { id: `title-${side}` }, make('span', { class: 'badge' }, side.toUpperCase()), ` ${sideName(side)}`),
    preset,
  );

  const note = make('p', { class: 'hint' });
  const showPreset = (shown: PolicyText | null): void => {
    preset.value = shown === null ? '-1' : presetValue(shown);
    const told = shown === null ? undefined : presetOf(shown)?.note;
    write(note, told ?? '');
    note.hidden = told === undefined;
  };

  const inputs = Object.fromEntries(
    policyGroups.flatMap(([, fields]) =>
      fields.map((field) => {
        const input = inputOf(field, {
          id: `${side}.${field}`,
          class: `side-${side}`,
          'aria-labelledby': `title-${side} name-${field}`,
        });
        const isTyped = input instanceof HTMLInputElement;
        input.addEventListener(isTyped ? 'input' : 'change', () =>
          change({ [field]: input.value }, isTyped ? field : null),
        );
        return [field, { input, error: errorPlace(input, `error-${side}-${field}`, `hint-${field}`, `side-${side}`) }];
      }),
    ),
  ) as Column['inputs'];

  const rules = createRules(side, (changed, field) => change({ rules: changed }, field));

  const show = (next: PolicyText | null): void => {
    policy = next;
    head.hidden = next === null;
    rules.element.hidden = next === null;
    for (const [field, { input }] of Object.entries(inputs)) {
      input.hidden = next === null;
      const value = next?.[field as PolicyField] ?? '';
      if (input.value !== value) input.value = value;
    }
    showPreset(next);
    rules.show(next?.rules ?? []);
  };

  return {
    head,
    note,
    inputs,
    rules: rules.element,
    show,
    tell: (errors) => {
      for (const [field, { error }] of Object.entries(inputs)) error.show(errors.get(field) ?? '');
      rules.tell(errors);
    },
  };
};
