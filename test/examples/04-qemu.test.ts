import { expect, test } from 'vitest';
import { describeOnQemu } from '../qemu/support.js';
import { runExample } from './program.js';

describeOnQemu('the example on QEMU', () => {
  test('shows a crash that is restarted up to a limit, and a manual stop that holds, and ends by itself', async () => {
    const program = runExample('04-qemu.ts');
    expect(await program.ended, program.output()).toBe(0);
    const lines = program.output();
    expect(lines).toMatch(/crasher: exit code 7, attempts 1: [^\n]*restarts it\n/);
    expect(lines).toMatch(/crasher: exit code 7, attempts 2: it used up its attempts\n.*{"_tag":"GuestExit","code":7}/);
    expect(lines).toMatch(/server: running\n[\s\S]*server: stopped, and it stays so/);
  });
});
