/** One instance in the list: it leads to all that is known of it. */
import type { OverviewInstance } from '../overview.js';
import { attemptsText, conditionNames, conditionOf, stateText, whyOf } from './condition.js';
import { make, write } from './dom.js';
import { commandText, countdown } from './words.js';

export interface Row {
  readonly item: HTMLLIElement;
  readonly link: HTMLAnchorElement;
  readonly show: (instance: OverviewInstance, now: number) => void;
}

export const hashOf = (id: string): string => `#${encodeURIComponent(id)}`;

export const createRow = (id: string): Row => {
  const item = make('li', null, { className: 'row' });
  make('span', item, { className: 'mark' }).setAttribute('aria-hidden', 'true');
  const what = make('div', item, { className: 'what' });
  const link = make('a', what, { className: 'name' });
  link.href = hashOf(id);
  const command = make('code', what, { className: 'command' });
  const condition = make('span', item, { className: 'condition' });
  const why = make('span', item, { className: 'why' });
  const next = make('span', item, { className: 'next' });
  const attempts = make('span', item, { className: 'attempts' });
  return {
    item,
    link,
    show: (instance, now) => {
      const { status } = instance;
      item.dataset['condition'] = conditionOf(instance);
      item.dataset['name'] = instance.name;
      write(link, instance.name);
      write(command, commandText(instance.command));
      write(condition, conditionNames[conditionOf(instance)]);
      condition.title = stateText(instance);
      write(why, whyOf(instance));
      write(attempts, attemptsText(instance));
      const at = status?.nextAttemptAt ?? null;
      write(next, at === null ? '' : `next in ${countdown(at - now)}`);
    },
  };
};
