/** The page: asks the server every second, shows the fleet, and the instance that the address names. */
import type { Overview } from '../overview.js';
import { overview } from './api.js';
import { conditionOf } from './condition.js';
import { createDetail, type Detail } from './detail.js';
import { announce, element, write } from './dom.js';
import { createInstance } from './editor.js';
import { createList } from './list.js';
import { listed } from './order.js';
import { createTools } from './tools.js';
import { counted } from './words.js';

let known: Overview | null = null;
/** Milliseconds by which the server's clock is ahead of this one. */
let ahead = 0;
const serverNow = (): number => Date.now() + ahead;

const list = createList(serverNow);
const tools = createTools(() => showList(true));
let detail: Detail | null = null;
let blocked = 0;

const showList = (isNewOrder: boolean): void => {
  if (known === null) return;
  const { instances } = known;
  tools.show(instances);
  const those = listed(instances, tools.wanted());
  list.show(those, isNewOrder);
  element('none').hidden = those.length > 0;
  write(
    element('none'),
    instances.length === 0 ? 'There are none yet: create one here, or with hypeman’s client.' : 'None is like that.',
  );
};

const show = (answer: Overview): void => {
  known = answer;
  const { now, instances } = answer;
  ahead = now - Date.now();
  const running = instances.filter(({ state }) => state === 'Running').length;
  write(element('summary'), `${running} of ${counted(instances.length, 'instance')} running`);
  showList(false);
  showDetail();
  const nowBlocked = instances.filter((instance) => conditionOf(instance) === 'blocked').length;
  if (nowBlocked > blocked) announce(`${counted(nowBlocked, 'instance')} blocked`);
  blocked = nowBlocked;
};

/** The id that the address names; nobody has to have written it well. */
const chosen = (): string => {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return '';
  }
};

const showDetail = (): void => {
  const instance = known?.instances.find(({ id }) => id === chosen()) ?? null;
  const focused = document.activeElement;
  const isElsewhere = focused !== null && focused !== document.body && !element('detail').contains(focused);
  element('detail').hidden = instance === null;
  document.body.classList.toggle('with-detail', instance !== null);
  if (instance === null || known === null) {
    const left = detail;
    detail = null;
    list.select(null);
    // It is gone, or was left: whoever was in it is back in the list; whoever was elsewhere stays there.
    if (left !== null && !isElsewhere) list.focus(left.id);
    return;
  }
  const isNew = detail?.id !== instance.id;
  if (detail === null || isNew) detail = createDetail(instance.id, { serverNow, refresh });
  detail.show(instance, known.beyond);
  // First the focus, which scrolls the page: how much room the list has beside it depends on that.
  if (isNew) detail.focus();
  list.select(instance.id);
};

let asking: Promise<void> | null = null;
const ask = async (): Promise<void> => {
  try {
    show(await overview());
    write(element('trouble'), '');
  } catch {
    write(element('trouble'), 'The server does not answer; what is shown may be out of date.');
  }
};
/** Answers when what is shown is no older than the call. */
const refresh = async (): Promise<void> => {
  await asking;
  asking ??= ask().finally(() => {
    asking = null;
  });
  await asking;
};

element('create').addEventListener('click', () => createInstance(known?.beyond ?? false, refresh));
window.addEventListener('hashchange', showDetail);
setInterval(() => void (asking ?? refresh()), 1_000);
setInterval(() => {
  list.tick();
  detail?.tick();
}, 500);
void refresh();
