/**
 * The systems that are translated.
 */
import { compose } from './compose.js';
import { docker } from './docker.js';
import { ecs } from './ecs.js';
import { fly } from './fly.js';
import { kubernetes } from './kubernetes.js';
import { nomad } from './nomad.js';
import { pm2 } from './pm2.js';
import { podman } from './podman.js';
import { runit } from './runit.js';
import { s6 } from './s6.js';
import { supervisord } from './supervisord.js';
import { swarm } from './swarm.js';
import { systemd } from './systemd.js';
import type { Peer } from './translation.js';

/**
 * What is known of each system that is translated, by the name that the command line has for it: which versions are meant, and
 * where that is written.
 *
 * @since 0.2.0
 */
export const peers = {
  docker,
  compose,
  podman,
  swarm,
  kubernetes,
  nomad,
  fly,
  ecs,
  systemd,
  pm2,
  supervisord,
  s6,
  runit,
} as const satisfies Readonly<Record<string, Peer>>;

/**
 * The name of a system that is translated.
 *
 * @since 0.2.0
 */
export type PeerName = keyof typeof peers;
