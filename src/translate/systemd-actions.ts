/**
 * What else systemd does when a service is restarted, fails, or reaches the limit of its starts.
 */
import { pathOf, type Section } from './section.js';
import { textsIn, unitWordIn } from './systemd-values.js';
import type { Notes } from './translation.js';

export interface Actions {
  readonly limited: boolean;
  readonly restarts: boolean;
}

const actionWords = [
  'none',
  'reboot',
  'reboot-force',
  'reboot-immediate',
  'poweroff',
  'poweroff-force',
  'poweroff-immediate',
  'exit',
  'exit-force',
  'soft-reboot',
  'soft-reboot-force',
  'kexec',
  'kexec-force',
  'halt',
  'halt-force',
  'halt-immediate',
] as const;

const modes = ['normal', 'direct', 'debug'] as const;

export const noteActions = (
  unit: Section,
  inOrder: ReadonlyArray<Section>,
  service: Section,
  { limited, restarts }: Actions,
  notes: Notes,
): void => {
  for (const section of inOrder) {
    const atLimit = unitWordIn(section, 'StartLimitAction', actionWords, notes) ?? 'none';
    if (atLimit !== 'none' && limited) {
      notes.loss(
        pathOf(section, 'StartLimitAction'),
        atLimit,
        `There the limit leads to ${atLimit}; here it leads to nothing but blocked_reason max_attempts_exceeded.`,
      );
    }
    const atFailure = unitWordIn(section, 'FailureAction', actionWords, notes) ?? 'none';
    if (atFailure !== 'none' && restarts) {
      notes.loss(
        pathOf(section, 'FailureAction'),
        atFailure,
        `There a failure leads to ${atFailure}; here it leads to a restart or to nothing.`,
      );
    }
  }
  const atSuccess = unitWordIn(unit, 'SuccessAction', actionWords, notes) ?? 'none';
  if (atSuccess !== 'none' && restarts) {
    notes.loss(
      pathOf(unit, 'SuccessAction'),
      atSuccess,
      `There a clean end leads to ${atSuccess}; here it leads to a restart or to nothing.`,
    );
  }
  const alarms = textsIn(unit, 'OnFailure', notes);
  if (restarts && alarms.some((names) => names.trim() !== '')) {
    notes.loss(
      pathOf(unit, 'OnFailure'),
      unit.fields.get('OnFailure'),
      'There its failure starts other units; here nothing hangs on an instance: let the host act on what onDecision tells.',
    );
  }
  const mode = unitWordIn(service, 'RestartMode', modes, notes) ?? 'normal';
  if (mode !== 'normal' && restarts) {
    notes.loss(
      pathOf(service, 'RestartMode'),
      mode,
      mode === 'direct'
        ? 'There it does not count as failed between two runs, so that OnFailure= and what depends on it are left alone; here nothing hangs on an instance anyway, and the waits are the same.'
        : 'There it is restarted in debug mode; here each run is started like the first.',
    );
  }
};
