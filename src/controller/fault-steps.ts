/**
 * Where there can be a fault.
 */

/**
 * Every step of the controller in which there can be a fault.
 *
 * @since 0.2.0
 */
export const faultSteps = [
  'load',
  'save',
  'remove',
  'list',
  'subscribe',
  'hold',
  'check',
  'release',
  'inspect',
  'start',
  'stop',
  'retag',
  'priority',
  'host',
] as const;

export type FaultStep = (typeof faultSteps)[number];
