/**
 * The form of what people do while the workload runs.
 */
import { button, choice, errorPlace, make, typed } from './dom.js';
import type { Errors } from './policy-input.js';
import { type Act, type ActText, acts, mostActs } from './state.js';

const actNames: Readonly<Record<Act, string>> = {
  stop: 'stops it',
  start: 'starts it',
  pause: 'pauses it',
  resume: 'resumes it',
  policy_b: 'gives it policy B',
};

export const createPeopleForm = (onChange: (acts: ReadonlyArray<ActText>, field: string | null) => void) => {
  let said: ReadonlyArray<ActText> = [];
  const rows: Array<ReturnType<typeof rowOf>> = [];
  const list = make('ol', { class: 'acts', 'aria-label': 'What people do' });
  const add = button('Add what a person does', 'Add what a person does', () => {
    set([...said, { at: '10m', act: 'stop' }], null);
    list.querySelectorAll('input')[said.length - 1]?.focus();
  });

  const set = (next: ReadonlyArray<ActText>, field: string | null): void => {
    show(next);
    onChange(next, field);
  };

  const replace = (index: number, changed: Partial<ActText>, field: string | null): void =>
    set(
      said.map((each, at) => (at === index ? { ...each, ...changed } : each)),
      field,
    );

  const rowOf = (index: number) => {
    const at = typed({ id: `acts.${index}.at`, 'aria-label': `When, act ${index + 1}` });
    at.addEventListener('input', () => replace(index, { at: at.value }, at.id));
    const act = choice(
      acts.map((each) => [each, actNames[each]]),
      { 'aria-label': `What, act ${index + 1}` },
    );
    act.addEventListener('change', () => replace(index, { act: act.value as Act }, null));
    const remove = button('Remove', `Remove act ${index + 1}`, () => {
      set(
        said.filter((_, other) => other !== index),
        null,
      );
      add.focus();
    });
    const errors = [errorPlace(at, `error-act-${index}`, ''), errorPlace(act, `error-act-${index}-what`, '')] as const;
    return {
      element: make('li', {}, make('div', { class: 'act' }, at, act, remove), ...errors.map(({ element }) => element)),
      show: (next: ActText): void => {
        if (at.value !== next.at) at.value = next.at;
        act.value = next.act;
      },
      tell: (found: Errors): void => {
        errors[0].show(found.get(`acts[${index}].at`) ?? '');
        errors[1].show(found.get(`acts[${index}].act`) ?? '');
      },
    };
  };

  const show = (next: ReadonlyArray<ActText>): void => {
    said = next;
    while (rows.length < next.length) {
      const row = rowOf(rows.length);
      rows.push(row);
      list.append(row.element);
    }
    for (const { element } of rows.splice(next.length)) element.remove();
    for (const [index, each] of next.entries()) rows[index]?.show(each);
    list.hidden = next.length === 0;
    add.disabled = next.length >= mostActs;
  };

  return {
    element: make(
      'div',
      {},
      make('p', { class: 'hint' }, 'A person starts it at 0. What people do then, so long after:'),
      list,
      add,
    ),
    show,
    tell: (errors: Errors): void => {
      for (const row of rows) row.tell(errors);
    },
  };
};
