/**
 * Arrays from outside, read once, as fields are.
 */

/**
 * The items of an array, each as `read` gives it; null: it is none, it is empty, or it is longer than it may be and not looked
 * into.
 */
export const itemsOf = (u: unknown, most: number, read: (item: unknown) => unknown = asItIs): Array<unknown> | null => {
  if (!Array.isArray(u)) return null;
  const { length } = u;
  if (length === 0 || length > most) return null;
  const items: Array<unknown> = [];
  // Not by its own methods: they could be anything.
  for (let at = 0; at < length; at++) items.push(read(u[at]));
  return items;
};

const asItIs = (item: unknown): unknown => item;
