/**
 * Who restarts what, where restarts are compared: a bare loop, pm2, and a controller over each adapter in each variant.
 */

/** What an adapter may use of the system. */
export interface Variant {
  readonly controlGroups: 'auto' | 'off';
  readonly systemCalls: 'auto' | 'off';
}

export interface SupervisedSide {
  readonly supervisor: 'process' | 'shared-process';
  readonly variant: Variant;
}

export type HostSide = SupervisedSide | { readonly supervisor: 'bare' };

export type Side = HostSide | { readonly supervisor: 'pm2' };

const variants: ReadonlyArray<Variant> = [
  { controlGroups: 'auto', systemCalls: 'auto' },
  { controlGroups: 'off', systemCalls: 'auto' },
  { controlGroups: 'auto', systemCalls: 'off' },
  { controlGroups: 'off', systemCalls: 'off' },
];

export const sidesOf = (hasPm2: boolean): ReadonlyArray<Side> => [
  { supervisor: 'bare' },
  ...(hasPm2 ? [{ supervisor: 'pm2' as const }] : []),
  ...variants.map((variant) => ({ supervisor: 'process' as const, variant })),
  ...variants.map((variant) => ({ supervisor: 'shared-process' as const, variant })),
];

export const nameOf = (side: Side): string => {
  if (side.supervisor === 'bare') return 'bare spawn';
  if (side.supervisor === 'pm2') return 'pm2';
  const { controlGroups, systemCalls } = side.variant;
  return `${side.supervisor}, groups ${controlGroups}, calls ${systemCalls}`;
};
