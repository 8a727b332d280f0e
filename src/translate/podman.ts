/**
 * Podman: the restart policy of a container. The words are Docker's; what they do is not.
 */
import { namedPolicy, refuseRetries } from './restart-text.js';
import { type Peer, translatingToPolicy } from './translation.js';
import { noWait, tenYears } from './waits.js';

/** What is known of Podman, and from where. */
export const podman: Peer = {
  title: 'Podman',
  versions:
    'The option --restart of podman run and podman create, and HostConfig.RestartPolicy of podman inspect; Podman 4 and 5.',
  sources: [
    {
      says: 'the words; unless-stopped is always; podman-restart.service starts containers at boot',
      url: 'https://docs.podman.io/en/latest/markdown/podman-run.1.html#restart-policy',
      read: '2026-11-27',
    },
    {
      says: 'there is no pause before a restart, and the count is not ended by a long run',
      url: 'https://github.com/containers/podman/blob/main/libpod/container_internal.go',
      read: '2026-11-27',
    },
  ],
};

const podmanWords = ['', 'no', 'never', 'always', 'unless-stopped', 'on-failure'] as const;

/**
 * Podman's restart policy of a container: the text of `podman run --restart`, or `{ Name, MaximumRetryCount }` as
 * `podman inspect` has it (HostConfig.RestartPolicy). Never throws.
 *
 * @example
 * import { fromPodman } from 'restart-policy/translate'
 *
 * const translated = fromPodman('on-failure:3')
 * if (translated._tag === 'Left') throw new Error(translated.left[0].message)
 * assert.strictEqual(translated.right.policy.maxAttempts, 3)
 *
 * @since 0.2.0
 */
export const fromPodman = /* @__PURE__ */ translatingToPolicy('RestartPolicy', (given, notes) => {
  const asked = namedPolicy(given, podmanWords, '', notes);
  if (asked === undefined) return undefined;
  refuseRetries(asked, notes);
  const { name, retries, nameAt, nameSaid } = asked;
  if (name === '' || name === 'no' || name === 'never') return { mode: 'never' };
  if (name === 'always') {
    notes.gain(
      nameAt,
      nameSaid,
      "A person's stop holds: podman-restart.service starts every container of this policy when the machine boots, also one that " +
        'was stopped by hand; here it stays stopped until a person starts it.',
    );
  }
  const mode = name === 'on-failure' ? 'on_failure' : 'always';
  if (retries > 0) return { mode, ...noWait, maxAttempts: retries, stableAfter: tenYears };
  notes.loss(
    nameAt,
    nameSaid,
    'Podman restarts without a pause, and the shortest wait here is 1ms, so a crash loop goes on as fast as starts do, here as ' +
      'there. A backoff of 1s or more holds it back.',
  );
  return { mode, ...noWait };
});
