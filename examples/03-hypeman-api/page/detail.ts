/** All that is known of one instance, and what a person can do with it. */
import { describePolicy, lintPolicy, withWireNames } from 'restart-policy/describe';
import type { OverviewInstance } from '../overview.js';
import { act, historyOf, type Refused, remove } from './api.js';
import { attemptsText, conditionNames, conditionOf, stateText, whyOf } from './condition.js';
import { confirm } from './confirm.js';
import { announce, element, enable, make, makeButton, write } from './dom.js';
import { editPolicy } from './editor.js';
import { createEvents, firstPage } from './events.js';
import { createPicture } from './picture.js';
import { commandText, countdown, counted, timeText } from './words.js';

export interface Detail {
  readonly id: string;
  readonly show: (instance: OverviewInstance, beyond: boolean) => void;
  readonly tick: () => void;
  readonly focus: () => void;
}

interface Host {
  readonly serverNow: () => number;
  readonly refresh: () => Promise<void>;
}

export const createDetail = (id: string, { serverNow, refresh }: Host): Detail => {
  const root = element('detail');
  root.replaceChildren();
  const back = make('a', root, { text: 'All instances', className: 'back' });
  back.href = '#';
  const top = make('div', root, { className: 'between' });
  const name = make('h2', top);
  name.id = 'detail-name';
  name.tabIndex = -1;
  const condition = make('span', top, { className: 'condition' });
  const command = make('code', root, { className: 'whole command' });
  const why = make('p', root, { className: 'why' });
  const manual = make('a', root, { text: 'What to do about it', className: 'manual' });
  const fault = make('p', root, { className: 'fault' });

  const wait = make('div', root, { className: 'wait' });
  const waitsFor = make('span', wait);
  const left = make('span', wait, { className: 'seconds' });
  // A screen reader reads a timer out when asked, not at every tick.
  left.setAttribute('role', 'timer');
  const until = make('time', wait);

  const buttons = make('div', root, { className: 'buttons' });
  const answer = make('p', root, { className: 'answer' });
  answer.setAttribute('role', 'alert');
  const start = makeButton(buttons, 'Start', () => run(act(id, 'start')));
  const stop = makeButton(buttons, 'Stop', () => run(act(id, 'stop')));
  const pause = makeButton(buttons, 'Pause', () => run(act(id, isPaused() ? 'resume' : 'pause')));
  const edit = makeButton(buttons, 'Edit policy', () => {
    if (current !== null) editPolicy(current, isBeyond, refresh);
  });
  makeButton(buttons, 'Delete', () => void askAndRemove(), 'danger');

  const facts = make('dl', root);
  const fact = (label: string): HTMLElement => {
    make('dt', facts, { text: label });
    return make('dd', facts);
  };
  const [state, health, attempts, last, since] = [
    fact('State'),
    fact('Health'),
    fact('Attempts'),
    fact('Last attempt'),
    fact('Last run began'),
  ];
  const picture = createPicture(root);
  const policySection = make('section', root, { className: 'policy' });
  make('h3', policySection, { text: 'Policy' });
  const policyText = make('p', policySection);
  const warnings = make('ul', policySection, { className: 'warnings' });
  const events = createEvents(root, id);
  let current: OverviewInstance | null = null;
  let isBeyond = false;
  let isAsking = false;

  const isPaused = (): boolean => current?.status?.blockedReason === 'paused';

  const run = (acting: Promise<Refused>): void => {
    write(answer, '');
    void acting.then(async (refused) => {
      write(answer, refused ?? '');
      await refresh();
    });
  };

  const askAndRemove = async (): Promise<void> => {
    const called = current?.name ?? '';
    const isSure = await confirm(
      `Delete ${called}?`,
      'It is stopped, and nothing of it stays. This cannot be undone.',
      `Delete ${called}`,
    );
    if (isSure) run(remove(id));
  };

  const showHistory = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    try {
      const page = await historyOf(id, firstPage, null);
      events.show(page);
      picture.show(page.entries, serverNow());
    } catch {
      // The next time; that the server does not answer is said for the whole page.
    } finally {
      isAsking = false;
    }
  };

  const tick = (): void => {
    const next = current?.status?.nextAttemptAt ?? null;
    wait.hidden = next === null;
    if (next === null) return;
    write(waitsFor, current?.status?.blockedReason === null ? 'Next attempt in' : 'Cooldown ends in');
    write(left, countdown(next - serverNow()));
    write(until, timeText(next));
    until.dateTime = new Date(next).toISOString();
  };

  const showPolicy = (instance: OverviewInstance): void => {
    const { policy } = instance;
    write(policyText, policy === null ? 'It could not be read.' : describePolicy(policy));
    const lines = policy === null ? [] : lintPolicy(policy).map(withWireNames);
    const texts = lines.map(({ message, hint }) => `${message} ${hint}`);
    if (texts.join('\n') === [...warnings.children].map(({ textContent }) => textContent).join('\n')) return;
    warnings.replaceChildren(...texts.map((text) => make('li', null, { text })));
  };

  return {
    id,
    show: (instance, beyond) => {
      const before = current;
      current = instance;
      isBeyond = beyond;
      const { status } = instance;
      root.dataset['condition'] = conditionOf(instance);
      root.dataset['name'] = instance.name;
      write(name, instance.name);
      write(condition, conditionNames[conditionOf(instance)]);
      write(command, commandText(instance.command));
      write(why, whyOf(instance));
      // Whoever looks at it hears of it; of the others there may be hundreds.
      if (before !== null && whyOf(before) !== whyOf(instance)) announce(`${instance.name}: ${whyOf(instance)}`);
      manual.hidden = instance.reason === null;
      manual.href = `/manual#${instance.reason ?? ''}`;
      fault.hidden = instance.fault === null;
      write(fault, instance.fault === null ? '' : `${timeText(instance.fault.at)}: ${instance.fault.text}`);
      write(state, stateText(instance));
      write(health, instance.health === 'disabled' ? 'not checked' : instance.health);
      write(
        attempts,
        `${attemptsText(instance) || 'none'} in this failure window, ${counted(instance.recentAttempts, 'attempt')} within an hour`,
      );
      write(last, timeOrNone(status?.lastAttemptAt ?? null));
      write(since, timeOrNone(instance.startedAt));
      label(pause, isPaused() ? 'Resume' : 'Pause', instance.name);
      label(start, 'Start', instance.name);
      label(stop, 'Stop', instance.name);
      edit.setAttribute('aria-label', `Edit policy of ${instance.name}`);
      const isStopped = status?.blockedReason === 'manual_stop';
      // A start also ends a block, a pause and a stop that has not come about, of what runs all the while.
      enable(start, conditionOf(instance) !== 'running');
      enable(stop, !(isStopped && instance.state === 'Stopped'));
      // A person's stop is the stronger word: there is no supervision to pause.
      enable(pause, !isStopped && status !== null);
      showPolicy(instance);
      tick();
      void showHistory();
    },
    tick,
    focus: () => name.focus(),
  };
};

const label = (button: HTMLButtonElement, verb: string, name: string): void => {
  write(button, verb);
  button.setAttribute('aria-label', `${verb} ${name}`);
};

const timeOrNone = (at: number | null): string => (at === null ? 'none' : timeText(at));
