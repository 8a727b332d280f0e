/**
 * How long a start may take, and a run.
 */
import { type Millis, maxMillis } from '../duration.js';
import { asWritten } from '../words.js';
import { pathOf, type Section } from './section.js';
import type { Ends } from './systemd-ends.js';
import { timeoutIn, timeSpanIn } from './systemd-values.js';
import type { Notes } from './translation.js';

/** Of a service that says itself when it has started. Of the others systemd takes the start for done at once. */
const defaultTimeout: Millis = 90_000;
const saysItself = ['forking', 'dbus', 'notify', 'notify-reload'];

export const startTimeoutOf = (
  service: Section,
  type: string,
  { mode, afterTimeout, afterWatchdog }: Ends,
  notes: Notes,
): Millis | undefined => {
  let asked: { readonly key: string; readonly span: Millis } | undefined;
  // Of the two the later one counts.
  for (const key of service.fields.keys()) {
    if (key !== 'TimeoutSec' && key !== 'TimeoutStartSec') continue;
    const span = timeoutIn(service, key, notes);
    if (span !== undefined) asked = { key, span };
  }
  const runtime = timeSpanIn(service, 'RuntimeMaxSec', notes) ?? Number.POSITIVE_INFINITY;
  const watchdog = timeoutIn(service, 'WatchdogSec', notes) ?? Number.POSITIVE_INFINITY;
  if (mode === 'never') return undefined;
  const tell = (key: string, effect: string): void => {
    notes.loss(pathOf(service, key), service.fields.get(key), effect);
  };
  const then = afterTimeout ? 'restarted' : 'kept down';
  if (runtime !== Number.POSITIVE_INFINITY && type !== 'oneshot') {
    tell(
      'RuntimeMaxSec',
      `There a run that lasts ${asWritten(runtime)} is ended and ${then}; here a run may last for ever.`,
    );
  }
  if (watchdog !== Number.POSITIVE_INFINITY) {
    tell(
      'WatchdogSec',
      `There a service that reports nothing for ${asWritten(watchdog)} is ended and ${afterWatchdog ? 'restarted' : 'kept down'}; here the host has to watch its health, and what it reports as unhealthy is restarted.`,
    );
  }
  if (asked === undefined) return saysItself.includes(type) && afterTimeout ? defaultTimeout : undefined;
  const { key, span } = asked;
  if (span === Number.POSITIVE_INFINITY) return undefined;
  if (type === 'oneshot') {
    tell(
      key,
      `There a run that lasts ${asWritten(span)} is ended and ${then}, for it is all start; here a run may last for ever.`,
    );
    return undefined;
  }
  if (afterTimeout) return Math.min(span, maxMillis);
  tell(key, `There a start that takes ${asWritten(span)} is ended and kept down; here it may take for ever.`);
  return undefined;
};
