/**
 * Other systems' restart policies in our words, and ours in theirs. Each function takes the system's own structure, parsed,
 * and answers with a policy and with what will be different; or with all that is wrong with it, at once. Nothing is dropped
 * silently, and an unknown word where restarts are configured is an error.
 *
 * @packageDocumentation
 */

export type { TranslationBack } from './translate/back.js';
export { type ComposeOptions, type ComposeRunner, fromCompose } from './translate/compose.js';
export { fromDocker } from './translate/docker.js';
export { fromEcs } from './translate/ecs.js';
export { type FlyOptions, fromFly } from './translate/fly.js';
export { fromKubernetes, type KubernetesOptions } from './translate/kubernetes.js';
export { fromNomad } from './translate/nomad.js';
export { type PeerName, peers } from './translate/peers.js';
export { fromPm2 } from './translate/pm2.js';
export { fromPodman } from './translate/podman.js';
export { fromRunit } from './translate/runit.js';
export { fromS6 } from './translate/s6.js';
export { fromSupervisord } from './translate/supervisord.js';
export { fromSwarm } from './translate/swarm.js';
export { fromSystemd, type SystemdOptions } from './translate/systemd.js';
export { type DockerRestartPolicy, toDocker } from './translate/to-docker.js';
export {
  type KubernetesContainer,
  type KubernetesPodSpec,
  toKubernetes,
} from './translate/to-kubernetes.js';
export { type SystemdUnit, toSystemd } from './translate/to-systemd.js';
export type { Gain, Loss, Peer, Source, Translated, Translation, TranslationError } from './translate/translation.js';
