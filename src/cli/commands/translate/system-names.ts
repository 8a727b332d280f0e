/**
 * Which system is meant by a name that is none of those in the list.
 */
import { nearestWord } from '../../../nearest.js';
import { type PeerName, peers } from '../../../translate.js';

export const systemNames = Object.keys(peers) as ReadonlyArray<PeerName>;

/** What people call a system, its program, or what it runs. Names that are a letter or two away need no line. */
const otherNames: ReadonlyMap<string, PeerName> = new Map([
  ['unit', 'systemd'],
  ['service', 'systemd'],
  ['systemctl', 'systemd'],
  ['stack', 'swarm'],
  ['k8s', 'kubernetes'],
  ['k3s', 'kubernetes'],
  ['kube', 'kubernetes'],
  ['kubectl', 'kubernetes'],
  ['pod', 'kubernetes'],
  ['deployment', 'kubernetes'],
  ['aws', 'ecs'],
  ['fargate', 'ecs'],
  ['supervisor', 'supervisord'],
  ['supervisorctl', 'supervisord'],
  ['sv', 'runit'],
  ['runsv', 'runit'],
]);

/** Of several words the last that says it: docker-compose is compose, docker-swarm is swarm. null: nobody can tell. */
export const systemMeant = (given: string): PeerName | null => {
  const words = given.toLowerCase().split(/[^a-z0-9]+/);
  const said = words.flatMap((word) => systemNames.find((name) => name === word) ?? otherNames.get(word) ?? []);
  return said.at(-1) ?? nearestWord(given, systemNames);
};
