/**
 * The list of the fleet. Only the rows that can be seen are in the document, and a few around them, so that it scrolls as well
 * with five thousand instances as with five.
 */
import type { OverviewInstance } from '../overview.js';
import { element } from './dom.js';
import { inOrderOf } from './order.js';
import { createRow, type Row } from './row.js';

/** Rows beyond either edge: whoever goes on by the keyboard finds the next one. */
const beyond = 8;

/** In milliseconds: nobody thinks longer before pressing a row. */
const holdFor = 15_000;

export interface List {
  /** In this order, unless somebody is about to press one of them. */
  readonly show: (instances: ReadonlyArray<OverviewInstance>, isNewOrder: boolean) => void;
  /** Countdowns go on between two answers of the server. */
  readonly tick: () => void;
  readonly select: (id: string | null) => void;
  readonly focus: (id: string) => void;
}

export const createList = (serverNow: () => number): List => {
  const [scroller, list] = [element('scroller'), element<HTMLUListElement>('list')];
  const rows = new Map<string, Row>();
  let shown: ReadonlyArray<OverviewInstance> = [];
  let selected: string | null = null;
  let height = 0;

  /** When the pointer last moved over it: one that was only left there is about to press nothing. */
  let movedAt = Number.NEGATIVE_INFINITY;
  list.addEventListener('pointermove', () => {
    movedAt = performance.now();
  });
  const isHeld = (): boolean =>
    list.contains(document.activeElement) || (list.matches(':hover') && performance.now() - movedAt < holdFor);

  const measure = (): void => {
    height = Number.parseFloat(getComputedStyle(list).getPropertyValue('--row')) || 64;
    // Where the list scrolls by itself, its lower edge cuts no row.
    const room = Math.max(3, Math.floor((innerHeight - 24 - scroller.getBoundingClientRect().top) / height));
    scroller.style.setProperty('--room', `${room * height}px`);
    list.style.height = `${shown.length * height}px`;
  };

  /** The places of the rows that can be seen. */
  const visible = (): readonly [number, number] => {
    const [{ top }, clip] = [list.getBoundingClientRect(), scroller.getBoundingClientRect()];
    const first = Math.floor((Math.max(0, clip.top) - top) / height) - beyond;
    const last = Math.ceil((Math.min(innerHeight, clip.bottom) - top) / height) + beyond;
    return [Math.max(0, first), Math.min(shown.length, last)];
  };

  const isInView = (index: number): boolean => {
    const [{ top }, clip] = [list.getBoundingClientRect(), scroller.getBoundingClientRect()];
    const from = top + index * height;
    return from >= Math.max(0, clip.top) && from + height <= Math.min(innerHeight, clip.bottom);
  };

  const place = (instance: OverviewInstance, index: number, now: number): Row => {
    const row = rows.get(instance.id) ?? createRow(instance.id);
    const { item, link } = row;
    if (!rows.has(instance.id)) rows.set(instance.id, row);
    row.show(instance, now);
    item.style.transform = `translateY(${index * height}px)`;
    item.setAttribute('aria-setsize', String(shown.length));
    item.setAttribute('aria-posinset', String(index + 1));
    if (instance.id === selected) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
    return row;
  };

  const render = (): void => {
    const now = serverNow();
    const [from, to] = visible();
    const focused = document.activeElement;
    const kept = new Map<string, HTMLLIElement>();
    for (const [index, instance] of shown.entries()) {
      // Whoever has the focus keeps it, wherever the row goes.
      const isFocused = focused !== null && rows.get(instance.id)?.item.contains(focused) === true;
      if ((index < from || index >= to) && !isFocused) continue;
      kept.set(instance.id, place(instance, index, now).item);
    }
    for (const [id, { item }] of rows) {
      if (kept.has(id)) continue;
      item.remove();
      rows.delete(id);
    }
    putInOrder([...kept.values()]);
  };

  /**
   * The order of the document is that of the keyboard and of a screen reader. Whoever has the focus is not moved, which would
   * take it away: the others are moved around them.
   */
  const putInOrder = (items: ReadonlyArray<HTMLLIElement>): void => {
    let next: Element | null = list.firstElementChild;
    for (const item of items) {
      if (item.contains(document.activeElement)) {
        while (next !== null && next !== item) {
          const moved: Element = next;
          next = next.nextElementSibling;
          list.append(moved);
        }
      }
      if (item === next) next = next.nextElementSibling;
      else list.insertBefore(item, next);
    }
  };

  let isAsked = false;
  const renderSoon = (): void => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      render();
    });
  };
  document.addEventListener('scroll', renderSoon, { capture: true, passive: true });
  const resized = (): void => {
    measure();
    renderSoon();
  };
  new ResizeObserver(resized).observe(scroller);
  window.addEventListener('resize', resized);

  return {
    show: (instances, isNewOrder) => {
      shown = isNewOrder || !isHeld() ? instances : inOrderOf(shown, instances);
      measure();
      render();
    },
    tick: render,
    select: (id) => {
      const isNew = id !== selected;
      selected = id;
      // Beside an instance it has less room, and its rows another height.
      measure();
      const index = shown.findIndex((instance) => instance.id === id);
      // By whole rows, so that the upper edge cuts none either.
      const rowsAbove = Math.floor(scroller.clientHeight / height / 2);
      if (isNew && index >= 0 && !isInView(index)) scroller.scrollTop = (index - rowsAbove) * height;
      render();
    },
    focus: (id) => {
      const index = shown.findIndex((instance) => instance.id === id);
      if (index < 0) return element('heading').focus();
      if (!isInView(index)) {
        const middle = index * height - innerHeight / 2;
        scroller.scrollTop = middle;
        scrollTo({ top: list.getBoundingClientRect().top + scrollY + middle });
      }
      render();
      rows.get(id)?.link.focus({ preventScroll: true });
    },
  };
};
