/** runit 2: directories of services. */
import { join } from 'node:path';
import { fromRunit } from '../../../src/translate.js';
import { type System, system } from '../system.js';
import { translationOf } from '../translation.js';
import { versionOfPackage } from './debian.js';
import { type ServiceFiles, writeServices } from './services.js';

export const runit: System = system<ServiceFiles>({
  name: 'runit',
  title: 'runit',
  programs: ['runsvdir', 'sv'],
  packages: ['runit'],
  grain: { ms: 0, because: 'it sleeps for a second where a run lasted less, and not at all where it lasted longer' },
  watch: 20,
  scenarios: [
    { name: 'crash-loop', kind: 'crash loop', says: 'waits a second, for ever', words: {}, does: '0:1' },
    {
      name: 'half-a-second',
      kind: 'crash loop',
      says: 'waits that second from the end',
      words: {},
      does: '0.5:1',
    },
    {
      name: 'stable-run',
      kind: 'stable run',
      says: 'starts it at once',
      words: {},
      does: '0:1 0:1 3:1 0:1',
      explained: [{ field: 'run', from: 4 }],
    },
    { name: 'clean-exit', kind: 'clean exit', says: 'restarts it all the same', words: {}, does: '0:0' },
    {
      name: 'exit-code',
      kind: 'exit code',
      says: 'stays down where finish says so',
      words: { finish: 'if [ "$1" = 78 ]; then sv down .; fi' },
      does: '0:1 0:78',
      explained: [{ field: 'finish', from: 3 }],
    },
    {
      name: 'manual-stop',
      kind: 'manual stop',
      says: 'is stopped in the third wait',
      words: {},
      does: '0:1',
      stop: { run: 3, is: 'ended' },
    },
    {
      name: 'no-wait',
      kind: 'no wait',
      says: 'does not wait after a second',
      words: {},
      does: '1.3:1',
      explained: [{ field: 'run', from: 2 }],
    },
  ],
  translate: (directory) => translationOf(fromRunit(directory)),
  start: async (place, scenarios) => {
    const services = writeServices(place, scenarios);
    await place.open(`exec runsvdir ${services}`);
    return {
      version: versionOfPackage('runit'),
      stop: async (name) => void (await place.inside('sv', 'down', join(services, name))),
    };
  },
});
