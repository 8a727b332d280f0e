/** How many there are of each condition, and what is looked for: both filter the list. */
import type { OverviewInstance } from '../overview.js';
import { type Condition, conditionNames, conditions } from './condition.js';
import { element, make, makeButton, write } from './dom.js';
import { countsOf, type Order, orders, type Wanted } from './order.js';

export interface Tools {
  readonly wanted: () => Wanted;
  readonly show: (instances: ReadonlyArray<OverviewInstance>) => void;
}

export const createTools = (onChange: () => void): Tools => {
  const [fieldset, search, sort] = [
    element('conditions'),
    element<HTMLInputElement>('search'),
    element<HTMLSelectElement>('sort'),
  ];
  let condition: Condition | null = null;
  for (const [order, text] of Object.entries(orders)) make('option', sort, { text }).value = order;

  const chips = new Map<Condition | null, { readonly chip: HTMLButtonElement; readonly count: HTMLElement }>();
  const addChip = (of: Condition | null, text: string): void => {
    const chip = makeButton(fieldset, '', () => {
      condition = condition === of ? null : of;
      press();
      onChange();
    });
    chip.className = 'chip';
    if (of !== null) {
      chip.dataset['condition'] = of;
      make('span', chip, { className: 'mark' }).setAttribute('aria-hidden', 'true');
    }
    make('span', chip, { text });
    chips.set(of, { chip, count: make('b', chip) });
  };
  addChip(null, 'All');
  for (const each of conditions) addChip(each, conditionNames[each]);

  const press = (): void => {
    for (const [of, { chip }] of chips) chip.setAttribute('aria-pressed', String(condition === of));
  };
  press();
  search.addEventListener('input', onChange);
  sort.addEventListener('change', onChange);

  return {
    wanted: () => ({ condition, text: search.value, order: sort.value as Order }),
    show: (instances) => {
      const counts = countsOf(instances);
      for (const [of, { chip, count }] of chips) {
        const number = of === null ? instances.length : (counts.get(of) ?? 0);
        write(count, String(number));
        // What there is none of is not offered; but nothing vanishes from under the finger that has pressed it.
        chip.hidden = number === 0 && of !== null && condition !== of && chip !== document.activeElement;
      }
    },
  };
};
