/**
 * Docker: the restart policy of a container.
 */
import type { RestartPolicyInput } from '../policy.js';
import { asWritten } from '../words.js';
import { type NamedPolicy, namedPolicy, refuseRetries } from './restart-text.js';
import { type Notes, type Peer, translatingToPolicy } from './translation.js';
import { doubling, tenYears } from './waits.js';

/** What is known of Docker, and from where. */
export const docker: Peer = {
  title: 'Docker',
  versions:
    'HostConfig.RestartPolicy of the Engine API, as of API 1.57 (Docker 29). The waits are the same since Docker 1.13.',
  sources: [
    {
      says: 'the words, and that the wait doubles from 100 ms',
      url: 'https://docs.docker.com/reference/api/engine/version/v1.57/schemas/RestartPolicy/',
      read: '2026-11-27',
    },
    {
      says: 'the longest wait is 1 min, a run of 10 s ends the growth, and the count is kept',
      url: 'https://github.com/moby/moby/blob/5bc86836668eea9c23291e819844a543bad4e8ae/daemon/internal/restartmanager/restartmanager.go',
      read: '2026-11-27',
    },
    {
      says: 'what a manual stop means to always and unless-stopped',
      url: 'https://docs.docker.com/engine/containers/start-containers-automatically/',
      read: '2026-11-27',
    },
    {
      says: 'a count beside another name than on-failure is refused',
      url: 'https://github.com/moby/moby/blob/master/api/types/container/hostconfig.go',
      read: '2026-11-27',
    },
  ],
};

export const dockerWords = ['', 'no', 'always', 'unless-stopped', 'on-failure'] as const;

type DockerWord = (typeof dockerWords)[number];

const [firstWait, longestWait, stableAfter] = [100, 60_000, 10_000];

/**
 * Docker's restart policy of a container: `{ Name, MaximumRetryCount }` as the Engine API and `docker inspect` have it
 * (HostConfig.RestartPolicy), or the text of `docker run --restart`. Never throws.
 *
 * @example
 * import { fromDocker } from 'restart-policy/translate'
 *
 * const translated = fromDocker({ Name: 'on-failure', MaximumRetryCount: 3 })
 * if (translated._tag === 'Left') throw new Error(translated.left[0].message)
 * assert.strictEqual(translated.right.policy.maxAttempts, 3)
 * assert.match(translated.right.losses[0]?.effect ?? '', /waits go on growing/)
 *
 * @since 0.2.0
 */
export const fromDocker = /* @__PURE__ */ translatingToPolicy('RestartPolicy', (given, notes) => {
  const asked = namedPolicy(given, dockerWords, '', notes);
  return asked === undefined ? undefined : dockerPolicy(asked, notes);
});

/** What the engine does with a name and a count. */
export const dockerPolicy = (asked: NamedPolicy<DockerWord>, notes: Notes): RestartPolicyInput => {
  const { name, retries, nameAt, nameSaid, retriesAt, retriesSaid } = asked;
  // Docker takes a count without a name, too, and forgets it.
  if (name === '' && retries > 0) {
    notes.loss(retriesAt, retriesSaid, 'It has no effect: without a name nothing is restarted, here as there.');
  } else {
    refuseRetries(asked, notes);
  }
  if (name === '' || name === 'no') return { mode: 'never' };
  if (name === 'always') {
    notes.gain(
      nameAt,
      nameSaid,
      "A person's stop holds: Docker starts a container that was stopped by hand when its daemon starts again; here it stays " +
        'stopped until a person starts it.',
    );
  }
  const mode = name === 'on-failure' ? 'on_failure' : 'always';
  const waits = doubling(firstWait, longestWait, retries);
  if (retries === 0) return { mode, ...waits, stableAfter };
  if (waits.maxBackoff !== undefined) {
    notes.loss(
      retriesAt,
      retriesSaid,
      `After a run of 10s Docker waits 100ms again, and goes on counting. Here the waits go on growing, up to ${asWritten(Number(waits.maxBackoff))}, ` +
        'for as long as attempts are counted: until a person starts it.',
    );
  }
  return { mode, ...waits, maxAttempts: retries, stableAfter: tenYears };
};
