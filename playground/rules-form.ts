/**
 * The rules of a policy, as a part of its form.
 */
import { type EndCause, endCauses, ruleActions } from 'restart-policy';
import { button, choice, errorPlace, make, typed, write } from './dom.js';
import type { Errors } from './policy-input.js';
import { mostRules, type RuleText, type Side, sideName } from './state.js';

interface RuleRow {
  readonly element: HTMLElement;
  readonly show: (rule: RuleText) => void;
  readonly tell: (errors: Errors) => void;
}

const newRule: RuleText = { action: 'stop', causes: [], exit_codes: '' };

export const createRules = (side: Side, onChange: (rules: ReadonlyArray<RuleText>, field: string | null) => void) => {
  let rules: ReadonlyArray<RuleText> = [];
  const rows: Array<RuleRow> = [];
  const list = make('ol', { class: 'rules', 'aria-label': `Rules of ${sideName(side)}` });
  const general = make('p', { class: 'error', hidden: true });
  const add = button('Add a rule', `Add a rule to ${sideName(side)}`, () => {
    set([...rules, newRule], null);
    list.querySelectorAll('select')[rules.length - 1]?.focus();
  });

  const set = (next: ReadonlyArray<RuleText>, field: string | null): void => {
    show(next);
    onChange(next, field);
  };

  const replace = (index: number, fields: Partial<RuleText>, field: string | null): void =>
    set(
      rules.map((rule, at) => (at === index ? { ...rule, ...fields } : rule)),
      field === null ? null : `rules[${index}].${field}`,
    );

  const rowOf = (index: number): RuleRow => {
    const name = `rule ${index + 1} of ${sideName(side)}`;
    const id = `${side}.rules.${index}`;
    const action = choice(
      ruleActions.map((each) => [each, each]),
      { id: `${id}.action` },
    );
    action.addEventListener('change', () => replace(index, { action: action.value as RuleText['action'] }, null));
    const codes = typed({ id: `${id}.exit_codes`, placeholder: 'any' });
    codes.addEventListener('input', () => replace(index, { exit_codes: codes.value }, 'exit_codes'));
    const boxes = endCauses.map((cause) => {
      const box = make('input', { type: 'checkbox', id: `${id}.${cause}` });
      box.addEventListener('change', () => replace(index, { causes: chosen() }, null));
      return { cause, box };
    });
    const chosen = (): ReadonlyArray<EndCause> => boxes.filter(({ box }) => box.checked).map(({ cause }) => cause);
    const error = errorPlace(codes, `error-${side}-rule-${index}`, '');
    const up = button('Up', `Move ${name} up`, () => {
      const own = rules.slice(index, index + 1);
      set([...rules.slice(0, index - 1), ...own, ...rules.slice(index - 1, index), ...rules.slice(index + 1)], null);
      list.querySelectorAll<HTMLElement>('.up')[index - 1]?.focus();
    });
    up.className = 'up';
    up.disabled = index === 0;
    const remove = button('Remove', `Remove ${name}`, () => {
      set(
        rules.filter((_, at) => at !== index),
        null,
      );
      add.focus();
    });
    const element = make(
      'div',
      { role: 'group', 'aria-label': `Rule ${index + 1}` },
      make(
        'div',
        { class: 'pair' },
        make('label', {}, make('span', {}, 'Action'), action),
        make('label', {}, make('span', {}, 'Exit codes'), codes),
      ),
      make(
        'fieldset',
        { class: 'causes' },
        make('legend', {}, 'Causes; none: whatever the cause'),
        ...boxes.map(({ cause, box }) => make('label', {}, box, make('code', {}, cause))),
      ),
      error.element,
      make('div', { class: 'buttons' }, up, remove),
    );
    return {
      element: make('li', {}, element),
      show: (rule) => {
        action.value = rule.action;
        if (codes.value !== rule.exit_codes) codes.value = rule.exit_codes;
        for (const { cause, box } of boxes) box.checked = rule.causes.includes(cause);
      },
      tell: (errors) => {
        const said = [...errors]
          .filter(([place]) => place.startsWith(`rules[${index}].`))
          .map(([, message]) => message);
        error.show(said.join('; '));
      },
    };
  };

  const show = (next: ReadonlyArray<RuleText>): void => {
    rules = next;
    while (rows.length < next.length) {
      const row = rowOf(rows.length);
      rows.push(row);
      list.append(row.element);
    }
    for (const { element } of rows.splice(next.length)) element.remove();
    for (const [index, rule] of next.entries()) rows[index]?.show(rule);
    list.hidden = next.length === 0;
    add.disabled = next.length >= mostRules;
  };

  return {
    element: make('div', { class: `side-${side} ruled` }, make('h3', {}, sideName(side)), list, general, add),
    show,
    tell: (errors: Errors): void => {
      write(general, errors.get('rules') ?? '');
      general.hidden = !errors.has('rules');
      for (const row of rows) row.tell(errors);
    },
  };
};
