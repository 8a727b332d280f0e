/** s6 2: directories of services. */
import { join } from 'node:path';
import { fromS6 } from '../../../src/translate.js';
import { byHand, type System, system } from '../system.js';
import { translationOf } from '../translation.js';
import { versionOfPackage } from './debian.js';
import { type ServiceFiles, writeServices } from './services.js';

export const s6: System = system<ServiceFiles>({
  name: 's6',
  title: 's6',
  programs: ['s6-svscan', 's6-svc', 's6-permafailon'],
  packages: ['s6'],
  grain: { ms: 0, because: 'it has a timer for each service' },
  watch: 20,
  scenarios: [
    { name: 'crash-loop', kind: 'crash loop', says: 'waits a second, for ever', words: {}, does: '0:1' },
    {
      name: 'stable-run',
      kind: 'stable run',
      says: 'waits a second after it, too',
      words: {},
      does: '0:1 0:1 3:1 0:1',
    },
    { name: 'clean-exit', kind: 'clean exit', says: 'restarts it all the same', words: {}, does: '0:0' },
    {
      name: 'exit-code',
      kind: 'exit code',
      says: 'stays down at the second of the exits that s6-permafailon names',
      words: { finish: 'exec s6-permafailon 60 2 78 true' },
      does: '0:1 0:78',
    },
    {
      name: 'manual-stop',
      kind: 'manual stop',
      says: 'is stopped in the third wait',
      words: {},
      does: '0:1',
      stop: { run: 3, is: 'ended' },
    },
  ],
  translate: (directory) => translationOf(fromS6(directory)),
  start: async (place, scenarios) => {
    // A file `down` keeps it down until somebody starts it.
    const services = writeServices(place, [...scenarios, { ...byHand, words: { down: '' } }]);
    await place.open(`exec s6-svscan ${services}`);
    return {
      version: versionOfPackage('s6'),
      startByHand: async () => void (await place.inside('s6-svc', '-o', join(services, byHand.name))),
      stop: async (name) => void (await place.inside('s6-svc', '-d', join(services, name))),
    };
  },
});
