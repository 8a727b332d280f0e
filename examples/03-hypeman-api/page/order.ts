/** Which instances are listed, and in which order. Pure. */
import type { OverviewInstance } from '../overview.js';
import { type Condition, conditionOf, conditions } from './condition.js';
import { commandText } from './words.js';

export const orders = {
  need: 'What needs a person first',
  name: 'Name',
  attempts: 'Most attempts',
  next: 'Next attempt',
  newest: 'Newest',
} as const;

export type Order = keyof typeof orders;

export interface Wanted {
  /** null: all. */
  readonly condition: Condition | null;
  readonly text: string;
  readonly order: Order;
}

export const countsOf = (instances: ReadonlyArray<OverviewInstance>): ReadonlyMap<Condition, number> => {
  const counts = new Map<Condition, number>(conditions.map((condition) => [condition, 0]));
  for (const instance of instances) {
    const condition = conditionOf(instance);
    counts.set(condition, (counts.get(condition) ?? 0) + 1);
  }
  return counts;
};

/** Numbers within names count as such: web-2 comes before web-10. */
const byName = new Intl.Collator('en', { numeric: true });

const comparisons: Readonly<Record<Order, (a: OverviewInstance, b: OverviewInstance) => number>> = {
  need: (a, b) => conditions.indexOf(conditionOf(a)) - conditions.indexOf(conditionOf(b)),
  name: () => 0,
  attempts: (a, b) => b.recentAttempts - a.recentAttempts || (b.status?.attempts ?? 0) - (a.status?.attempts ?? 0),
  next: (a, b) => nextOf(a) - nextOf(b),
  newest: (a, b) => b.createdAt - a.createdAt,
};

const nextOf = ({ status }: OverviewInstance): number => status?.nextAttemptAt ?? Number.MAX_SAFE_INTEGER;

export const listed = (
  instances: ReadonlyArray<OverviewInstance>,
  { condition, text, order }: Wanted,
): ReadonlyArray<OverviewInstance> => {
  const sought = text.trim().toLowerCase();
  const compare = comparisons[order];
  return instances
    .filter((instance) => condition === null || conditionOf(instance) === condition)
    .filter(({ id, name, command }) =>
      sought === '' ? true : [name, commandText(command), id].some((each) => each.toLowerCase().includes(sought)),
    )
    .sort((a, b) => compare(a, b) || byName.compare(a.name, b.name));
};

/** The same instances in the order in which they are shown already, and those that are new after them. */
export const inOrderOf = (
  shown: ReadonlyArray<OverviewInstance>,
  fresh: ReadonlyArray<OverviewInstance>,
): ReadonlyArray<OverviewInstance> => {
  const byId = new Map(fresh.map((instance) => [instance.id, instance]));
  const kept = shown.flatMap(({ id }) => {
    const instance = byId.get(id);
    byId.delete(id);
    return instance ?? [];
  });
  return [...kept, ...byId.values()];
};
