/** The systems of these tests. */
import type { System } from '../system.js';
import { docker, dockerAgain } from './docker.js';
import { monit } from './monit.js';
import { pm2, pm2AtLength } from './pm2.js';
import { podman } from './podman.js';
import { runit } from './runit.js';
import { s6 } from './s6.js';
import { supervisord, supervisordAgain } from './supervisord.js';
import { systemd } from './systemd.js';

/** Those that need little, and not more than a minute. */
export const quickSystems: ReadonlyArray<System> = [supervisord, pm2, runit, s6];

export const everySystem: ReadonlyArray<System> = [
  systemd,
  docker,
  dockerAgain,
  podman,
  ...quickSystems,
  supervisordAgain,
  pm2AtLength,
  monit,
];
