/**
 * runit: a service directory.
 */
import { describeValue } from '../quote.js';
import { pathOf, sectionAt } from './section.js';
import { type Peer, translatingToPolicy } from './translation.js';

/** What is known of runit, and from where. */
export const runit: Peer = {
  title: 'runit',
  versions: 'Service directories as runsv 2.1 runs them: it has no words for restarts, and does always the same.',
  sources: [
    {
      says: 'that it restarts always, and waits a second after a run that ended immediately',
      url: 'https://smarden.org/runit/runsv.8.html',
      read: '2026-11-27',
    },
  ],
};

/**
 * A service directory of runit: its files by their names, each with its text. Never throws.
 *
 * @example
 * import { fromRunit } from 'restart-policy/translate'
 *
 * const translated = fromRunit({ run: '#!/bin/sh\nexec web' })
 * if (translated._tag === 'Left') throw new Error(translated.left[0].message)
 * assert.strictEqual(translated.right.policy.backoff, 1_000)
 *
 * @since 0.2.0
 */
export const fromRunit = /* @__PURE__ */ translatingToPolicy('directory', (given, notes) => {
  const directory = sectionAt(given, '', notes);
  if (directory === undefined) return undefined;
  const finish = directory.fields.get('finish') ?? '';
  if (typeof finish !== 'string') {
    return notes.error(pathOf(directory, 'finish'), `must be the text of the file, not ${describeValue(finish)}`);
  }
  notes.loss(
    pathOf(directory, 'run'),
    null,
    'There a run of a second or more is followed by the next at once; here after a second, as a shorter one.',
  );
  const [stop] = /\bsv\s+(?:-\S+\s+)*(?:d|down|o|once|x|exit|stop|force-stop|shutdown)\b/.exec(finish) ?? [];
  if (stop !== undefined) {
    notes.loss(
      pathOf(directory, 'finish'),
      stop,
      'There the script may keep the service down for reasons of its own; here rules by exit code or cause do that, and must be written by hand.',
    );
  }
  if (!directory.fields.has('down')) {
    notes.gain(
      pathOf(directory, 'down'),
      null,
      "A person's stop holds: runit starts a service that was stopped by hand when the machine starts again; here it stays stopped until a person starts it.",
    );
  }
  return { mode: 'always', backoff: 1_000, backoffFrom: 'exit' };
});
