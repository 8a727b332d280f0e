/**
 * A timeline decision by decision, for whoever wants to know why.
 */
import { explainReason, type Millis, type RestartEvent } from 'restart-policy';
import type { Timeline, TimelineEntry } from 'restart-policy/simulate';
import { make, write } from './dom.js';

/** Those after them are counted. */
const mostDecisions = 200;

const becauseOf: Readonly<Record<RestartEvent['_tag'], string>> = {
  Observed: 'it was looked at',
  ManualStart: 'a person started it',
  ManualStop: 'a person stopped it',
  Pause: 'a person paused supervision',
  Resume: 'a person resumed supervision',
  PolicyUpdated: 'a person gave it a new policy',
  AttemptFailed: 'the start failed',
  DeleteRequested: 'a person deletes it',
  Reset: 'it was reset',
};

/** Closed at first, and filled only while it is open. */
export const createDecisions = (name: string) => {
  let timeline: Timeline | null = null;
  const list = make('tbody');
  const more = make('p', { class: 'dim' });
  const element = make(
    'details',
    { class: 'log' },
    make('summary', {}, 'Decisions'),
    make(
      'div',
      { class: 'scrolled', tabindex: 0, role: 'group', 'aria-label': `Decisions of ${name}` },
      make(
        'table',
        { class: 'decisions' },
        make(
          'thead',
          {},
          make(
            'tr',
            {},
            ...['At', 'State', 'Because', 'Decided', 'Attempt'].map((head) => make('th', { scope: 'col' }, head)),
          ),
        ),
        list,
      ),
    ),
    more,
  );
  const showDecisions = (): void => {
    if (!element.open || timeline === null) return;
    const { entries } = timeline;
    list.replaceChildren(...entries.slice(0, mostDecisions).map(decisionRow));
    const others = entries.length - mostDecisions;
    write(more, others > 0 ? `and ${others.toLocaleString('en')} more` : '');
  };
  element.addEventListener('toggle', showDecisions);

  return {
    element,
    show: (next: Timeline): void => {
      timeline = next;
      showDecisions();
    },
  };
};

const decisionRow = ({ at, state, event, reason, action }: TimelineEntry): HTMLElement =>
  make(
    'tr',
    action === null ? {} : { class: 'acted' },
    ...[
      momentText(at),
      state,
      becauseOf[event._tag],
      explainReason(reason),
      action === null ? '' : `${action.attempt}`,
    ].map((text) => make('td', {}, text)),
  );

/** To the millisecond: decisions of one second differ. */
const momentText = (at: Millis): string => {
  const whole = Math.floor(at / 1_000);
  const two = (n: number): string => String(n).padStart(2, '0');
  const [hours, minutes, seconds] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  const rest = at % 1_000;
  return `${hours}:${two(minutes)}:${two(seconds)}${rest === 0 ? '' : `.${String(rest).padStart(3, '0')}`}`;
};
