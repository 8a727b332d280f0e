/** A machine whose hosts are gone, and a host in another PID namespace, which does not see its processes. */
import { expect, test } from 'vitest';
import { describeNamespaces, processesOfItsOwn } from '../linux/parts.js';
import { processesOf as otherProcesses } from '../linux/support.js';
import { runsForEver } from './guests.js';
import { describeOnQemu, openings } from './support.js';

const { newDirectory, machine } = openings();
const startHost = otherProcesses(new URL('../linux/fixtures/opener.ts', import.meta.url));

describeNamespaces().each(['auto', 'off'] as const)('with system calls %s,', (calls) => {
  describeOnQemu('a machine that outlives its hosts', () => {
    test('keeps hosts of other PID namespaces out until it has ended', async () => {
      const directory = newDirectory();
      const described = JSON.stringify(machine(runsForEver));
      const outside = await startHost('qemu', directory, described, calls);
      outside.send('start web-1');
      await outside.line('start');
      await outside.end('SIGKILL');
      const inside = await startHost.under(processesOfItsOwn, 'qemu', directory, described, calls);
      expect(await inside.line('opened')).toContain('is open in another PID namespace');
      const next = await startHost('qemu', directory, described, calls);
      next.send('stop web-1');
      await next.line('stop');
      next.send('close');
      await next.line('close');
      const later = await startHost.under(processesOfItsOwn, 'qemu', directory, described, calls);
      expect(await later.line('opened')).toBe('opened Right');
    });
  });
});
