/**
 * Notifies of an instance when what is known of it has changed, and not whenever a file of it was touched: a write that
 * fails, on a disk that is full for example, touches its file and changes nothing. Were it told, whoever looks again would
 * write again, and so on without a pause.
 */
import type { InstanceId } from '../../ports/store.js';
import type { RunFiles } from './files.js';

export const createChanges = (
  files: Pick<RunFiles, 'changeIn'>,
  notify: (id: InstanceId) => void,
): ((file: string) => Promise<void>) => {
  const lastKnown = new Map<InstanceId, string>();
  return async (file) => {
    const change = await files.changeIn(file);
    if (change === null || lastKnown.get(change.id) === change.known) return;
    lastKnown.set(change.id, change.known);
    notify(change.id);
  };
};
