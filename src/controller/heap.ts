/**
 * A binary heap whose items can be taken out again: what a queue of wake-ups needs when most are called off.
 *
 * Every item knows its own place, so that removal costs O(log n) like everything else, and nothing called off stays
 * behind until its moment.
 */

/** An item in a heap. It stays valid until the item is popped or removed. */
export interface HeapHandle<A> {
  readonly value: A;
}

export interface Heap<A> {
  readonly push: (value: A) => HeapHandle<A>;
  /** The first item, which stays; undefined: empty. */
  readonly peek: () => A | undefined;
  /** The first item, taken out; undefined: empty. */
  readonly pop: () => A | undefined;
  /** Puts another item in the place of one, as if that were removed and this one pushed. Undefined, and nothing done, when it is not in this heap (any more). */
  readonly replace: (handle: HeapHandle<A>, value: A) => HeapHandle<A> | undefined;
  /** Takes an item out. False, and nothing done, when it is not in this heap (any more). */
  readonly remove: (handle: HeapHandle<A>) => boolean;
  readonly clear: () => void;
  readonly size: () => number;
}

interface Node<A> extends HeapHandle<A> {
  value: A;
  /** Orders items that compare as equal: first in, first out. */
  serial: number;
  /** Index in the heap. What is no longer in it has one too, and another node or none stands there. */
  place: number;
}

/**
 * An empty heap. The smallest item by `compare` comes first; of equal ones the one that was pushed first, so that
 * whoever replays a run sees the same order.
 */
export const createHeap = <A>(compare: (a: A, b: A) => number): Heap<A> => {
  const nodes: Array<Node<A>> = [];
  let pushed = 0;

  const before = (a: Node<A>, b: Node<A>): boolean => {
    const order = compare(a.value, b.value);
    return order === 0 ? a.serial < b.serial : order < 0;
  };

  const put = (node: Node<A>, place: number): void => {
    nodes[place] = node;
    node.place = place;
  };

  /** Moves a node from the free place `start` towards the root. */
  const rise = (node: Node<A>, start: number): void => {
    let place = start;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = nodes[above];
      if (parent === undefined || !before(node, parent)) break;
      put(parent, place);
      place = above;
    }
    put(node, place);
  };

  /** Moves a node from the free place `start` towards the leaves. */
  const sink = (node: Node<A>, start: number): void => {
    let place = start;
    for (;;) {
      const left = nodes[2 * place + 1];
      const right = nodes[2 * place + 2];
      const child = right !== undefined && left !== undefined && before(right, left) ? right : left;
      if (child === undefined || !before(child, node)) break;
      const below = child.place;
      put(child, place);
      place = below;
    }
    put(node, place);
  };

  /** Puts a node where it belongs, from the free place on. */
  const settle = (node: Node<A>, place: number): void => {
    const parent = nodes[(place - 1) >> 1];
    if (place > 0 && parent !== undefined && before(node, parent)) rise(node, place);
    else sink(node, place);
  };

  const takeOut = (node: Node<A>): void => {
    const { place } = node;
    const last = nodes.pop();
    if (last === undefined || last === node) return;
    settle(last, place);
  };

  /** A handle is a node of some heap; it is one of ours, and still in, exactly if its place holds it. */
  const nodeOf = (handle: HeapHandle<A>): Node<A> | undefined => {
    const node = handle as Node<A>;
    return nodes[node.place] === node ? node : undefined;
  };

  return {
    push: (value) => {
      const node: Node<A> = { value, serial: pushed++, place: nodes.length };
      rise(node, node.place);
      return node;
    },
    peek: () => nodes[0]?.value,
    pop: () => {
      const first = nodes[0];
      if (first === undefined) return undefined;
      takeOut(first);
      return first.value;
    },
    replace: (handle, value) => {
      const node = nodeOf(handle);
      if (node === undefined) return undefined;
      node.value = value;
      node.serial = pushed++;
      settle(node, node.place);
      return node;
    },
    remove: (handle) => {
      const node = nodeOf(handle);
      if (node === undefined) return false;
      takeOut(node);
      return true;
    },
    clear: () => {
      nodes.length = 0;
    },
    size: () => nodes.length,
  };
};
