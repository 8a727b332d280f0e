/**
 * A virtual machine that crashes is restarted; one that a person stopped stays down. On a real QEMU.
 *
 *   apt-get install qemu-system-x86          # QEMU; no KVM is needed, for it is emulated
 *   node --import ./scripts/typescript.mjs examples/04-qemu.ts
 *
 * Elsewhere Node 22.18 and later runs a copy of it, in a project with `"type": "module"` and restart-policy.
 *
 * The guest is 64 KiB of firmware made below: it works for a moment, then ends with a code of its own. It takes some
 * seconds, and leaves nothing behind.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { explainReason, restartPolicy } from 'restart-policy';
import { createMemoryStore } from 'restart-policy/adapters/memory';
import { openQemuHypervisor, type QemuMachine } from 'restart-policy/adapters/qemu';
import { systemClock } from 'restart-policy/adapters/system-clock';
import { createController } from 'restart-policy/controller';

/** The value, or the end of the program with the reason. */
const orExit = <A>(result: { _tag: 'Left'; left: unknown } | { _tag: 'Right'; right: A }): A => {
  if (result._tag === 'Right') return result.right;
  console.error(result.left);
  process.exit(1);
};

// ---------------------------------------------------------------------------
// two guests
// ---------------------------------------------------------------------------

/** Firmware: QEMU's processor begins 16 bytes before its end, in 16-bit mode, and is sent to its beginning. */
const firmware = (...code: ReadonlyArray<number>): Buffer => {
  const image = Buffer.alloc(0x10000);
  image.set(code);
  image.set([0xea, 0x00, 0x00, 0x00, 0xf0], 0xfff0); // jmp f000:0000
  return image;
};

/** Counts for a while, then writes 7 to port 0xf4, which ends QEMU with that code. */
const crasher = firmware(
  ...[0x66, 0xb9, 0x00, 0x00, 0x00, 0x08], // mov ecx, 0x8000000
  ...[0x66, 0x49, 0x75, 0xfc], // back: dec ecx; jnz back
  ...[0xb0, 0x07, 0xe6, 0xf4], // mov al, 7; out 0xf4, al
);

/** Sleeps for ever. */
const server = firmware(0xfa, 0xf4, 0xeb, 0xfd); // cli; back: hlt; jmp back

const directory = mkdtempSync(join(tmpdir(), 'restart-policy-qemu-'));
const guests: Readonly<Record<string, Buffer>> = { crasher, server };

const machineOf = (id: string): QemuMachine | null => {
  const guest = guests[id];
  if (guest === undefined) return null;
  const bios = join(directory, `${id}.bios`);
  writeFileSync(bios, guest);
  const debugExit = ['-device', 'isa-debug-exit,iobase=0xf4,iosize=4'];
  return { args: ['-accel', 'tcg', '-m', '1', '-nodefaults', '-display', 'none', '-bios', bios, ...debugExit] };
};

// ---------------------------------------------------------------------------
// supervision
// ---------------------------------------------------------------------------

const hypervisor = orExit(
  await openQemuHypervisor({
    directory: join(directory, 'machines'),
    machineOf,
    graceMs: 500, // these guests have no power button
  })(),
);
const controller = orExit(
  createController({
    store: createMemoryStore(),
    hypervisor,
    clock: systemClock,
    onDecision: ({ id, event, before, after, reason }) => {
      if (before === after) return;
      const seen = event._tag === 'Observed' ? `exit code ${event.instance.exitCode}` : event._tag;
      console.log(`${id}: ${seen}, attempts ${after.attempts}: ${explainReason(reason)}`);
    },
    onFault: ({ id, during, error }) => console.error(`${id ?? 'all'}: ${during} failed`, error),
  }),
);

/** Waits until it is so, with a limit. */
const until = async (holds: () => Promise<boolean>): Promise<void> => {
  for (let waited = 0; !(await holds()); waited += 50) {
    if (waited > 60_000) orExit({ _tag: 'Left', left: 'it never came' });
    await sleep(50);
  }
};

console.log('a machine that ends with code 7, under on_failure, backoff 500ms, max_attempts 2');
orExit(
  await controller.updatePolicy(
    'crasher',
    orExit(restartPolicy({ mode: 'on_failure', backoff: '500ms', maxAttempts: 2 })),
  )(),
);
orExit(await controller.manualStart('crasher')());
await until(async () => orExit(await controller.status('crasher')())?.status.blockedReason === 'max_attempts_exceeded');
console.log(`crasher: in QEMU's words ${JSON.stringify(orExit(await hypervisor.lastExit('crasher')()))}`);

console.log('a machine that runs for ever, under always, backoff 500ms, stopped by a person');
orExit(await controller.updatePolicy('server', orExit(restartPolicy({ mode: 'always', backoff: '500ms' })))());
orExit(await controller.manualStart('server')());
console.log(`server: ${orExit(await controller.status('server')())?.instance?.state}`);
orExit(await controller.manualStop('server')());
await sleep(1_500); // three times the backoff
await controller.reconcile('server')();
const state = orExit(await controller.status('server')())?.instance?.state;
console.log(
  `server: ${state}${state === 'stopped' ? ', and it stays so: that is the point' : ', which it must not be'}`,
);

await controller.close()();
await hypervisor.close();
rmSync(directory, { recursive: true });
process.exitCode = state === 'stopped' ? 0 : 1;
